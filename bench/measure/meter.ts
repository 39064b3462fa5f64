import { warmUp } from "./to-per-second.ts";

/** What the process of one side answers. */
export interface Answer {
  /** When each target was done, milliseconds since 1970. */
  readonly ends: readonly number[];
  /** Milliseconds of processor time per target, after the warm-up. */
  readonly cpu: number;
}

/** Measures the process it is in. */
export function createMeter(targets: number): { readonly tick: () => void; readonly read: () => Answer } {
  const ends: number[] = [];
  let before = process.cpuUsage();
  return {
    tick: () => {
      ends.push(Date.now());
      if (ends.length === Math.floor(targets * warmUp)) before = process.cpuUsage();
    },
    read: () => {
      const { user, system } = process.cpuUsage(before);
      return { ends, cpu: (user + system) / 1_000 / (targets * (1 - warmUp)) };
    },
  };
}
