import { AmqpError } from "../../amqp/errors.ts";
import type { PartitionLog } from "./partition-log.ts";

/** Someone who reads a partition for a consumer group. */
export interface EventReader {
  readonly consumerGroup: string;
  /** The owner level; undefined = not exclusive. */
  readonly epoch: number | undefined;
  /** There may be something new. */
  wake(): void;
  close(error: AmqpError): void;
}

/** Azure Event Hubs quotas: without an epoch, in one consumer group. */
const allowedReaders = 5;

/** A partition and who reads it. */
export class Partition {
  readonly id: string;
  readonly log: PartitionLog;
  readonly #readers = new Set<EventReader>();

  constructor(id: string, log: PartitionLog) {
    this.id = id;
    this.log = log;
  }

  /**
   * Lets a reader in. One with an epoch pushes out all others of its group; a lower epoch, or none while
   * there is one with an epoch, is refused.
   * @throws AmqpError amqp:link:stolen, amqp:resource-limit-exceeded
   */
  attach(reader: EventReader): void {
    const others = [...this.#readers].filter(({ consumerGroup }) => consumerGroup === reader.consumerGroup);
    const highest = Math.max(-1, ...others.map(({ epoch }) => epoch ?? -1));
    if ((reader.epoch ?? -1) < highest) throw stolen(`a receiver with a higher epoch of '${highest}' exists`);
    if (reader.epoch === undefined && others.length >= allowedReaders) {
      throw new AmqpError(
        "amqp:resource-limit-exceeded",
        `Exceeded the maximum number of allowed receivers per partition in a consumer group which is ${allowedReaders}.`,
      );
    }
    if (reader.epoch !== undefined) {
      for (const other of others) {
        this.#readers.delete(other);
        other.close(stolen(`a new receiver with a higher or equal epoch of '${reader.epoch}' was created`));
      }
    }
    this.#readers.add(reader);
  }

  detach(reader: EventReader): void {
    this.#readers.delete(reader);
  }

  wake(): void {
    for (const reader of this.#readers) reader.wake();
  }
}

function stolen(why: string): AmqpError {
  return new AmqpError("amqp:link:stolen", `The receiver is disconnected: ${why}.`);
}
