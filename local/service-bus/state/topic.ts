import type { AmqpMessage } from "../../amqp/message.ts";
import type { Clock } from "../../part.ts";
import { Timetable } from "./timetable.ts";

interface Scheduled {
  readonly sequenceNumber: number;
  readonly content: AmqpMessage;
}

/** A topic keeps no messages: it hands each to its subscriptions, now or when it is due. */
export class Topic {
  readonly #fanOut: (content: AmqpMessage) => void;
  readonly #scheduled = new Map<number, Scheduled>();
  readonly #due: Timetable<Scheduled>;
  #lastSequenceNumber = 0;

  /** @param fanOut offers a message to every subscription there is. */
  constructor(clock: Clock, fanOut: (content: AmqpMessage) => void) {
    this.#fanOut = fanOut;
    this.#due = new Timetable(clock, (scheduled) => {
      this.#scheduled.delete(scheduled.sequenceNumber);
      this.#fanOut(scheduled.content);
    });
  }

  get scheduledCount(): number {
    return this.#scheduled.size;
  }

  /** @param scheduledFor milliseconds since 1970. Returns the sequence number, by which it can be cancelled. */
  publish(content: AmqpMessage, scheduledFor?: number): number {
    const sequenceNumber = (this.#lastSequenceNumber += 1);
    if (scheduledFor === undefined) {
      this.#fanOut(content);
    } else {
      const scheduled = { sequenceNumber, content };
      this.#scheduled.set(sequenceNumber, scheduled);
      this.#due.set(scheduled, scheduledFor);
    }
    return sequenceNumber;
  }

  cancelScheduled(sequenceNumber: number): boolean {
    const scheduled = this.#scheduled.get(sequenceNumber);
    if (!scheduled) return false;
    this.#due.delete(scheduled);
    return this.#scheduled.delete(sequenceNumber);
  }

  close(): void {
    this.#due.clear();
    this.#scheduled.clear();
  }
}
