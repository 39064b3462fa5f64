import type { MessageReceiver } from "./receiver.ts";
import type { MessageLock, StoredMessage } from "./stored-message.ts";
import { IndexedHeap } from "./indexed-heap.ts";

/** One session of a queue: its messages that wait, its state, and who holds it. */
export interface Session {
  readonly id: string;
  readonly available: IndexedHeap<StoredMessage>;
  /** What clients keep there; undefined = nothing. */
  state: Buffer | undefined;
  holder: SessionHolder | undefined;
}

export interface SessionHolder {
  readonly receiver: MessageReceiver;
  /** Milliseconds since 1970. */
  until: number;
  /** Messages delivered under this lock and not settled. */
  readonly locks: Set<MessageLock>;
}

export function createSession(id: string): Session {
  return {
    id,
    available: new IndexedHeap((message) => message.sequenceNumber),
    state: undefined,
    holder: undefined,
  };
}
