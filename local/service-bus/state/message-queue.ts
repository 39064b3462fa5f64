import type { AmqpError } from "../../amqp/errors.ts";
import type { LockToken } from "../../amqp/guid.ts";
import { addApplicationProperties, type AmqpMessage } from "../../amqp/message.ts";
import type { AmqpMap } from "../../amqp/values.ts";
import type { Clock } from "../../part.ts";
import { deadLetterContent, deadLetterReasons } from "./dead-letters.ts";
import { LockTable } from "./lock-table.ts";
import type { QueueSettings } from "./queue-settings.ts";
import type { MessageReceiver } from "./receiver.ts";
import { SessionShelf } from "./session-shelf.ts";
import { OpenShelf } from "./shelf.ts";
import type { DeadLetterReason, MessageLock, StoredMessage } from "./stored-message.ts";
import { Timetable } from "./timetable.ts";

export interface QueueOptions {
  /** `queue`, `topic/Subscriptions/name`, or either with `/$DeadLetterQueue`. */
  readonly path: string;
  readonly settings: QueueSettings;
  readonly clock: Clock;
  /** Where dead letters go; left out (in a dead-letter queue), nothing is dead-lettered. */
  readonly deadLetters?: MessageQueue | undefined;
  /** Takes a message on to another entity instead of keeping it; false = not now, keep it. */
  readonly forward?: ((content: AmqpMessage) => boolean) | undefined;
}

/** How a client ends a delivery. `changes` are application properties to add. */
export type Settlement =
  | { readonly kind: "complete" }
  | { readonly kind: "abandon"; readonly changes: AmqpMap }
  | { readonly kind: "defer"; readonly changes: AmqpMap }
  | { readonly kind: "deadLetter"; readonly cause: DeadLetterReason; readonly changes: AmqpMap };

export interface EnqueueOptions {
  /** Milliseconds since 1970: not to be received before. */
  readonly scheduledFor?: number | undefined;
  readonly deadLetterSource?: string | undefined;
  readonly deliveryCount?: number;
}

/**
 * The life of the messages in one queue, subscription or dead-letter queue:
 * scheduled → available → locked → gone, or back, deferred, dead-lettered.
 */
export class MessageQueue {
  readonly path: string;
  readonly deadLetters: MessageQueue | undefined;
  readonly shelf: OpenShelf | SessionShelf;
  settings: QueueSettings;
  /** Milliseconds since 1970: when someone last came to receive. */
  accessedAt: number;
  readonly #clock: Clock;
  readonly #forward: QueueOptions["forward"];
  /** Every message here, in order of sequence number. */
  readonly #messages = new Map<number, StoredMessage>();
  readonly #locks: LockTable;
  readonly #expiry: Timetable<StoredMessage>;
  readonly #scheduled: Timetable<StoredMessage>;
  #lastSequenceNumber = 0;

  constructor(options: QueueOptions) {
    this.path = options.path;
    this.settings = options.settings;
    this.deadLetters = options.deadLetters;
    this.#clock = options.clock;
    this.accessedAt = options.clock.now();
    this.#forward = options.forward;
    this.#locks = new LockTable(options.clock, (lock) => {
      this.#giveBack(lock, true);
      this.shelf.pump();
    });
    this.#expiry = new Timetable(options.clock, (message) => {
      if (!message.lock) this.#expire(message);
    });
    this.#scheduled = new Timetable(options.clock, (message) => {
      message.state = "active";
      this.shelf.add(message);
      this.shelf.pump();
    });
    this.shelf = this.#createShelf();
  }

  /** Messages by what can happen to them next; locked ones count as active, as the service counts them. */
  get counts(): { readonly total: number; readonly active: number; readonly scheduled: number } {
    const total = this.#messages.size;
    return { total, active: total - this.#scheduled.size, scheduled: this.#scheduled.size };
  }

  /** Returns the sequence number. */
  enqueue(content: AmqpMessage, options: EnqueueOptions = {}): number {
    const now = this.#clock.now();
    const enqueuedAt = Math.max(now, options.scheduledFor ?? 0);
    const timeToLive = Math.min(content.timeToLive ?? Infinity, this.settings.defaultTimeToLive);
    const message: StoredMessage = {
      content,
      sequenceNumber: (this.#lastSequenceNumber += 1),
      sessionId: content.properties.sessionId,
      enqueuedAt,
      expiresAt: enqueuedAt + timeToLive,
      deliveryCount: options.deliveryCount ?? 0,
      state: enqueuedAt > now ? "scheduled" : "active",
      lock: undefined,
      deadLetterSource: options.deadLetterSource,
    };
    if (this.#forward?.(content)) return message.sequenceNumber;
    this.#keep(message);
    return message.sequenceNumber;
  }

  /** @returns false when the lock had ended: the message is, or will be, somebody else's. */
  settle(token: LockToken, settlement: Settlement): boolean {
    const lock = this.#locks.get(token);
    if (!lock) return false;
    this.#unlock(lock);
    this.#apply(lock.message, settlement);
    return true;
  }

  /** Extends a lock. Returns its new end (milliseconds since 1970); undefined when it had ended. */
  renew(token: LockToken): number | undefined {
    const lock = this.#locks.get(token);
    if (!lock) return undefined;
    const until = this.#clock.now() + this.settings.lockDuration;
    this.#locks.renew(lock, until);
    return until;
  }

  /** Locks a deferred message and hands it out; undefined when no such message is deferred. */
  takeDeferred(sequenceNumber: number): MessageLock | undefined {
    const message = this.#messages.get(sequenceNumber);
    if (message?.state !== "deferred" || message.lock) return undefined;
    message.lock = this.#locks.add(message, this.#clock.now() + this.settings.lockDuration);
    return message.lock;
  }

  /** The first messages from a sequence number on, whatever their state, untouched. */
  peek(from: number, limit: number, sessionId?: string): StoredMessage[] {
    const found: StoredMessage[] = [];
    for (const message of this.#messages.values()) {
      if (found.length >= limit) break;
      if (message.sequenceNumber < from) continue;
      if (sessionId === undefined || message.sessionId === sessionId) found.push(message);
    }
    return found;
  }

  cancelScheduled(sequenceNumber: number): boolean {
    const message = this.#messages.get(sequenceNumber);
    if (message?.state !== "scheduled") return false;
    this.#remove(message);
    return true;
  }

  /** Ends every lock now, as if its time were up. Returns how many. */
  expireLocks(): number {
    const sessions = this.shelf instanceof SessionShelf ? this.shelf.expireAll() : 0;
    return sessions + this.#locks.expireAll();
  }

  /** Receivers are told; messages are gone. */
  close(error: AmqpError): void {
    this.shelf.close(error);
    this.#locks.clear();
    this.#expiry.clear();
    this.#scheduled.clear();
    this.#messages.clear();
    this.deadLetters?.close(error);
  }

  #createShelf(): OpenShelf | SessionShelf {
    const deliver = (message: StoredMessage, receiver: MessageReceiver): void => {
      this.#deliver(message, receiver);
    };
    if (!this.settings.requiresSession) return new OpenShelf(deliver);
    return new SessionShelf(this.#clock, () => this.settings.lockDuration, {
      deliver,
      onReleased: (locks, expired) => {
        for (const lock of locks) if (this.#locks.delete(lock)) this.#giveBack(lock, expired);
      },
    });
  }

  #keep(message: StoredMessage): void {
    this.#messages.set(message.sequenceNumber, message);
    if (this.settings.requiresSession && message.sessionId === undefined) {
      this.#deadLetter(message, deadLetterReasons.noSession);
      return;
    }
    this.#expiry.set(message, message.expiresAt);
    if (message.state === "scheduled") {
      this.#scheduled.set(message, message.enqueuedAt);
      return;
    }
    this.shelf.add(message);
    this.shelf.pump();
  }

  #deliver(message: StoredMessage, receiver: MessageReceiver): void {
    if (receiver.destructive) {
      this.#remove(message);
      receiver.deliver(message, undefined);
      return;
    }
    message.lock = this.#lockFor(message, receiver);
    receiver.deliver(message, message.lock);
  }

  #lockFor(message: StoredMessage, receiver: MessageReceiver): MessageLock {
    const holder = this.shelf instanceof SessionShelf ? this.shelf.heldBy(receiver)?.holder : undefined;
    if (!holder) return this.#locks.add(message, this.#clock.now() + this.settings.lockDuration);
    const lock = this.#locks.addUntimed(message, holder.until);
    holder.locks.add(lock);
    return lock;
  }

  #unlock(lock: MessageLock): void {
    this.#locks.delete(lock);
    lock.message.lock = undefined;
    if (!(this.shelf instanceof SessionShelf)) return;
    this.shelf.find(lock.message.sessionId ?? "")?.holder.locks.delete(lock);
  }

  #apply(message: StoredMessage, settlement: Settlement): void {
    if (settlement.kind === "complete") {
      this.#remove(message);
      return;
    }
    if (Object.keys(settlement.changes).length > 0) {
      message.content = addApplicationProperties(message.content, settlement.changes);
    }
    if (settlement.kind === "deadLetter") {
      this.#deadLetter(message, settlement.cause);
    } else {
      if (settlement.kind === "defer") message.state = "deferred";
      else message.deliveryCount += 1;
      this.#return(message);
    }
  }

  /** A lock ended without a word from the client. */
  #giveBack(lock: MessageLock, counts: boolean): void {
    lock.message.lock = undefined;
    if (counts) lock.message.deliveryCount += 1;
    this.#return(lock.message);
  }

  #return(message: StoredMessage): void {
    if (message.expiresAt <= this.#clock.now()) {
      this.#expire(message);
    } else if (message.deliveryCount >= this.settings.maxDeliveryCount && this.deadLetters) {
      this.#deadLetter(message, deadLetterReasons.tooManyDeliveries(this.settings.maxDeliveryCount));
    } else if (message.state === "active") {
      this.shelf.add(message);
      this.shelf.pump();
    }
  }

  #expire(message: StoredMessage): void {
    if (this.settings.deadLetterOnExpiration) this.#deadLetter(message, deadLetterReasons.expired);
    else this.#remove(message);
  }

  #deadLetter(message: StoredMessage, cause: DeadLetterReason): void {
    this.#remove(message);
    this.deadLetters?.enqueue(deadLetterContent(message.content, cause), { deadLetterSource: this.path });
  }

  #remove(message: StoredMessage): void {
    this.#messages.delete(message.sequenceNumber);
    this.#expiry.delete(message);
    this.#scheduled.delete(message);
    this.shelf.delete(message);
  }
}
