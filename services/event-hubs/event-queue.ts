import { setTimeout as wait } from "node:timers/promises";

interface Options<T> {
  /** Milliseconds the first of a batch waits for others. */
  readonly gatherFor: number;
  /** Items held at most; beyond, the oldest are dropped. */
  readonly mostWaiting: number;
  readonly send: (items: readonly T[]) => Promise<void>;
  readonly onDropped: (count: number, error: unknown) => void;
}

export interface EventQueue<T> {
  push(item: T): void;
  /** Resolves when all is sent or dropped, at the latest after `milliseconds`. Nothing is sent after that. */
  end(milliseconds: number): Promise<void>;
}

/** Gathers items and sends them in batches, one batch at a time and in order; what cannot be sent is dropped. */
export function createEventQueue<T>({ gatherFor, mostWaiting, send, onDropped }: Options<T>): EventQueue<T> {
  let waiting: T[] = [];
  let sending: Promise<void> | undefined;
  let isEnding = false;
  let isOver = false;

  const drain = async (): Promise<void> => {
    while (waiting.length > 0 && !isOver) {
      if (!isEnding) await wait(gatherFor);
      const batch = waiting;
      waiting = [];
      try {
        await send(batch);
      } catch (error) {
        onDropped(batch.length, error);
      }
    }
    sending = undefined;
  };

  return {
    push: (item) => {
      if (isOver) return;
      waiting.push(item);
      if (waiting.length > mostWaiting) {
        onDropped(waiting.length - mostWaiting, new Error("too many events are waiting"));
        waiting = waiting.slice(-mostWaiting);
      }
      sending ??= drain();
    },
    end: async (milliseconds) => {
      isEnding = true;
      const timeout = new AbortController();
      await Promise.race([
        sending,
        wait(milliseconds, undefined, { signal: timeout.signal }).catch(() => undefined),
      ]);
      timeout.abort();
      isOver = true;
    },
  };
}
