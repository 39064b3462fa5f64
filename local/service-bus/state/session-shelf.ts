import { AmqpError } from "../../amqp/errors.ts";
import type { Clock } from "../../part.ts";
import type { MessageReceiver } from "./receiver.ts";
import { createSession, type Session, type SessionHolder } from "./session.ts";
import type { Deliver, Shelf } from "./shelf.ts";
import type { MessageLock, StoredMessage } from "./stored-message.ts";
import { Timetable } from "./timetable.ts";

export interface SessionEvents {
  readonly deliver: Deliver;
  /** The session's lock ended with these messages unsettled. `expired`: by time, not by the client's leaving. */
  readonly onReleased: (locks: readonly MessageLock[], expired: boolean) => void;
}

/** Someone who waits for any session that has messages and no holder. */
interface Waiter {
  readonly receiver: MessageReceiver;
  readonly accepted: (session: Session) => void;
}

/** Messages by session: each session has at most one holder, who alone gets its messages, in order. */
export class SessionShelf implements Shelf {
  readonly #sessions = new Map<string, Session>();
  /** Sessions with messages and without a holder, longest first. */
  readonly #free = new Set<Session>();
  readonly #held = new Map<MessageReceiver, Session>();
  readonly #waiters = new Set<Waiter>();
  readonly #locks: Timetable<Session>;
  readonly #clock: Clock;
  readonly #lockDuration: () => number;
  readonly #events: SessionEvents;

  constructor(clock: Clock, lockDuration: () => number, events: SessionEvents) {
    this.#clock = clock;
    this.#lockDuration = lockDuration;
    this.#events = events;
    this.#locks = new Timetable(clock, (session) => {
      this.#lose(session);
    });
  }

  get receiverCount(): number {
    return this.#held.size + this.#waiters.size;
  }

  add(message: StoredMessage): void {
    const session = this.#sessionOf(message.sessionId ?? "");
    session.available.add(message);
    this.#offer(session);
  }

  delete(message: StoredMessage): void {
    const session = this.#sessions.get(message.sessionId ?? "");
    session?.available.delete(message);
    if (session) this.#tidy(session);
  }

  pump(receiver?: MessageReceiver): void {
    const held = receiver ? [this.#held.get(receiver)] : this.#held.values();
    for (const session of held) if (session) this.#pumpSession(session);
  }

  /** @throws AmqpError com.microsoft:session-cannot-be-locked */
  accept(id: string, receiver: MessageReceiver): Session {
    const session = this.#sessionOf(id);
    if (session.holder) {
      throw new AmqpError(
        "com.microsoft:session-cannot-be-locked",
        `The requested session '${id}' cannot be accepted. It may be locked by another receiver.`,
      );
    }
    this.#hold(session, receiver);
    return session;
  }

  /** Accepts the next free session, now or as soon as there is one. The function returned gives up waiting. */
  acceptNext(receiver: MessageReceiver, accepted: (session: Session) => void): () => void {
    const [session] = this.#free;
    const waiter = { receiver, accepted };
    if (session) this.#grant(session, waiter);
    else this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }

  /** The session a receiver holds. */
  heldBy(receiver: MessageReceiver): Session | undefined {
    return this.#held.get(receiver);
  }

  /** A session that someone holds; undefined when nobody does. */
  find(id: string): { readonly session: Session; readonly holder: SessionHolder } | undefined {
    const session = this.#sessions.get(id);
    return session?.holder && { session, holder: session.holder };
  }

  /** Milliseconds since 1970 of the lock's new end. */
  renew(session: Session, holder: SessionHolder): number {
    holder.until = this.#clock.now() + this.#lockDuration();
    for (const lock of holder.locks) lock.until = holder.until;
    this.#locks.set(session, holder.until);
    return holder.until;
  }

  /** A client that leaves gives the session back; its messages do not count as delivered in vain. */
  detach(receiver: MessageReceiver): void {
    for (const waiter of this.#waiters) if (waiter.receiver === receiver) this.#waiters.delete(waiter);
    const session = this.#held.get(receiver);
    if (session) this.#release(session, false);
  }

  /** Ends every session lock now, as if its time were up. Returns how many. */
  expireAll(): number {
    const sessions = [...this.#held.values()];
    for (const session of sessions) this.#lose(session);
    return sessions.length;
  }

  close(error: AmqpError): void {
    this.#locks.clear();
    for (const { receiver } of this.#waiters) receiver.close(error);
    for (const receiver of this.#held.keys()) receiver.close(error);
    this.#waiters.clear();
    this.#held.clear();
    this.#sessions.clear();
    this.#free.clear();
  }

  #sessionOf(id: string): Session {
    const known = this.#sessions.get(id);
    if (known) return known;
    const session = createSession(id);
    this.#sessions.set(id, session);
    return session;
  }

  #offer(session: Session): void {
    if (session.holder || session.available.size === 0) return;
    const [waiter] = this.#waiters;
    if (!waiter) {
      this.#free.add(session);
      return;
    }
    this.#waiters.delete(waiter);
    this.#grant(session, waiter);
  }

  #grant(session: Session, waiter: Waiter): void {
    this.#hold(session, waiter.receiver);
    waiter.accepted(session);
    this.#pumpSession(session);
  }

  #hold(session: Session, receiver: MessageReceiver): void {
    session.holder = { receiver, until: 0, locks: new Set() };
    this.#free.delete(session);
    this.#held.set(receiver, session);
    this.renew(session, session.holder);
  }

  #pumpSession(session: Session): void {
    while (session.holder && session.holder.receiver.credit > 0) {
      const message = session.available.take();
      if (!message) return;
      this.#events.deliver(message, session.holder.receiver);
    }
  }

  #lose(session: Session): void {
    const receiver = session.holder?.receiver;
    this.#release(session, true);
    receiver?.close(
      new AmqpError(
        "com.microsoft:session-lock-lost",
        `The session lock has expired on the MessageSession. Accept a new MessageSession ('${session.id}').`,
      ),
    );
  }

  #release(session: Session, expired: boolean): void {
    const { holder } = session;
    if (!holder) return;
    session.holder = undefined;
    this.#held.delete(holder.receiver);
    this.#locks.delete(session);
    this.#events.onReleased([...holder.locks], expired);
    this.#offer(session);
    this.#tidy(session);
  }

  /** Forgets a session that holds nothing any more. */
  #tidy(session: Session): void {
    if (session.available.size > 0 || session.holder) return;
    this.#free.delete(session);
    if (session.state === undefined) this.#sessions.delete(session.id);
  }
}
