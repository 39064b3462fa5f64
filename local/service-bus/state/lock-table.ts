import { createLockToken, type LockToken } from "../../amqp/guid.ts";
import type { Clock } from "../../part.ts";
import type { MessageLock, StoredMessage } from "./stored-message.ts";
import { Timetable } from "./timetable.ts";

/**
 * The locks on delivered messages. A lock belongs to nobody's connection: who knows the token may settle or
 * renew, and a lock whose client vanished lives on until its time is up.
 */
export class LockTable {
  readonly #locks = new Map<LockToken, MessageLock>();
  readonly #expiry: Timetable<MessageLock>;
  readonly #onExpired: (lock: MessageLock) => void;

  constructor(clock: Clock, onExpired: (lock: MessageLock) => void) {
    this.#onExpired = onExpired;
    this.#expiry = new Timetable(clock, (lock) => {
      this.#expire(lock);
    });
  }

  get size(): number {
    return this.#locks.size;
  }

  /** A lock that ends at `until` (milliseconds since 1970). */
  add(message: StoredMessage, until: number): MessageLock {
    const lock = this.addUntimed(message, until);
    this.#expiry.set(lock, until);
    return lock;
  }

  /** A lock that someone else ends: a session does for the messages under it. */
  addUntimed(message: StoredMessage, until: number): MessageLock {
    const lock = { token: createLockToken(), message, until };
    this.#locks.set(lock.token, lock);
    return lock;
  }

  get(token: LockToken): MessageLock | undefined {
    return this.#locks.get(token);
  }

  renew(lock: MessageLock, until: number): void {
    lock.until = until;
    this.#expiry.set(lock, until);
  }

  /** Ends a lock. False: it had ended before. */
  delete(lock: MessageLock): boolean {
    this.#expiry.delete(lock);
    return this.#locks.delete(lock.token);
  }

  /** Ends every lock now, as if its time were up. Returns how many. */
  expireAll(): number {
    const locks = [...this.#locks.values()];
    for (const lock of locks) {
      this.#expiry.delete(lock);
      this.#expire(lock);
    }
    return locks.length;
  }

  clear(): void {
    this.#locks.clear();
    this.#expiry.clear();
  }

  #expire(lock: MessageLock): void {
    if (this.#locks.delete(lock.token)) this.#onExpired(lock);
  }
}
