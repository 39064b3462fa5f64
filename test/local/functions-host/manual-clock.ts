import type { Clock } from "../../../local/part.ts";

export interface ManualClock extends Clock {
  /** Moves the hands and calls back whatever came due, in order, letting promises settle in between. */
  advance(milliseconds: number): Promise<void>;
}

export function createManualClock(start: string): ManualClock {
  let now = Date.parse(start);
  const waiting = new Set<{ readonly due: number; readonly callback: () => void }>();
  return {
    now: () => now,
    after(milliseconds, callback) {
      const entry = { due: now + milliseconds, callback };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        const [next] = [...waiting].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
        if (next === undefined) break;
        waiting.delete(next);
        now = Math.max(now, next.due);
        next.callback();
      }
      now = end;
    },
  };
}
