import { AmqpError } from "../../amqp/errors.ts";
import type { OutboundHandler } from "../../amqp/node.ts";
import type { OutboundLink } from "../../amqp/outbound-link.ts";
import { toInteger } from "../../amqp/values.ts";
import { requirePartition } from "../state/hub.ts";
import type { EventReader, Partition } from "../state/partition.ts";
import type { StoredEvent } from "../state/partition-log.ts";
import { requireHub, type WireContext } from "./context.ts";
import { encodeRuntimeMetric } from "./encode-event.ts";
import { parsePosition } from "./position.ts";

const receiverAddress =
  /^\/?(?<hub>[^/]+)\/ConsumerGroups\/(?<group>[^/]+)\/Partitions\/(?<partition>[^/]+)$/i;

const runtimeMetric = "com.microsoft:enable-receiver-runtime-metric";

/** A client reads a partition. @throws AmqpError */
export function openReceiver(context: WireContext, link: OutboundLink): OutboundHandler {
  const { hub: name = "", group = "", partition: id = "" } = receiverAddress.exec(link.address)?.groups ?? {};
  const hub = requireHub(context, name);
  if (!hub.consumerGroups.has(group.toLowerCase())) {
    throw new AmqpError(
      "amqp:not-found",
      `The consumer group '${group}' of '${hub.name}' could not be found.`,
    );
  }
  const partition = requirePartition(hub.partitions, id);
  const reader = new LinkReader(context, link, { partition, consumerGroup: group.toLowerCase() });
  partition.attach(reader);
  link.answer({ filter: link.filter });
  return {
    flow: () => {
      reader.wake();
    },
    closed: () => {
      reader.stop();
      partition.detach(reader);
    },
  };
}

interface ReaderPlace {
  readonly partition: Partition;
  readonly consumerGroup: string;
}

/** A link as the partition sees it. */
class LinkReader implements EventReader {
  readonly consumerGroup: string;
  readonly epoch: number | undefined;
  readonly #context: WireContext;
  readonly #link: OutboundLink;
  readonly #partition: Partition;
  /** Sequence number of the event to deliver next. */
  #cursor: number;
  /** Stops the wait of an event that a fault holds back. */
  #stopWaiting: (() => void) | undefined;

  constructor(context: WireContext, link: OutboundLink, { partition, consumerGroup }: ReaderPlace) {
    this.#context = context;
    this.#link = link;
    this.#partition = partition;
    this.consumerGroup = consumerGroup;
    this.epoch = toInteger(link.properties["com.microsoft:epoch"]);
    this.#cursor = partition.log.find(parsePosition(link.filter));
  }

  wake(): void {
    while (!this.#stopWaiting && this.#link.credit > 0) {
      this.#cursor = Math.max(this.#cursor, this.#partition.log.first);
      const event = this.#partition.log.get(this.#cursor);
      if (!event) return;
      this.#deliver(event);
    }
  }

  stop(): void {
    this.#stopWaiting?.();
  }

  close(error: AmqpError): void {
    this.stop();
    this.#link.close(error);
  }

  #deliver(event: StoredEvent): void {
    const { faults, clock } = this.#context;
    const delay = faults.delays.strike(this.#link.address);
    if (delay !== undefined) {
      // Events come in order, so what follows waits too.
      this.#stopWaiting = clock.after(delay, () => {
        this.#stopWaiting = undefined;
        this.#send(event);
        this.wake();
      });
      return;
    }
    this.#send(event);
  }

  #send(event: StoredEvent): void {
    const told = this.#link.desired.includes(runtimeMetric);
    const metric = told ? [encodeRuntimeMetric(this.#partition.log, this.#context.clock.now())] : [];
    // Delivery annotations come before all that an event is stored with.
    this.#link.sendSettled(Buffer.concat([...metric, event.payload]));
    if (!this.#context.faults.duplicates.strike(this.#link.address)) this.#cursor += 1;
  }
}
