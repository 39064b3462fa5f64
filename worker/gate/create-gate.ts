import pLimit from "p-limit";
import { toSlots } from "../../model/concurrency.ts";
import type { RunPlan } from "../../model/run-document.ts";

/** How many targets a worker has in hand, and when it last had one. */
export interface Gate {
  /** Targets at once. A free slot takes the next message at once; no target waits for another to end. */
  readonly slots: number;
  readonly inFlight: number;
  /** Milliseconds since something was last in hand; 0 while something is. */
  idleFor(): number;
  /** Does the work as soon as a slot is free. @returns what the work returns */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is in hand, at the latest after `milliseconds`; whether nothing is. */
  drained(milliseconds: number): Promise<boolean>;
}

/** Caps a worker. Servers and tags are capped by their sessions, which the receiver holds: across the whole fleet. */
export function createGate(concurrency: RunPlan["concurrency"], now: () => number = Date.now): Gate {
  const { total: slots } = toSlots(concurrency);
  // The receiver asks for no more, except after it had to connect anew, and for the last session that finds room.
  const limit = pLimit(slots);
  const running = new Set<Promise<unknown>>();
  let lastBusy = now();
  return {
    slots,
    get inFlight() {
      return running.size;
    },
    idleFor: () => (running.size > 0 ? 0 : now() - lastBusy),
    pass: async (work) => {
      const promise = limit(work);
      running.add(promise);
      try {
        return await promise;
      } finally {
        running.delete(promise);
        lastBusy = now();
      }
    },
    drained: async (milliseconds) => {
      if (running.size === 0) return true;
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, milliseconds);
      });
      await Promise.race([Promise.allSettled(running), timeout]);
      clearTimeout(timer);
      return running.size === 0;
    },
  };
}
