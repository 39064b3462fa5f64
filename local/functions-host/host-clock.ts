import type { Clock } from "../part.ts";

/** A clock that can be told to forget every call it still owes. */
export interface HostClock extends Clock {
  stop(): void;
}

/** So that nothing the host waits for (a retry, a schedule, a function's timeout) outlives it. */
export function createHostClock(clock: Clock): HostClock {
  const owed = new Set<() => void>();
  return {
    now: () => clock.now(),
    after(milliseconds, callback) {
      const cancel = clock.after(milliseconds, () => {
        owed.delete(cancel);
        callback();
      });
      owed.add(cancel);
      return () => {
        owed.delete(cancel);
        cancel();
      };
    },
    stop() {
      for (const cancel of owed) cancel();
      owed.clear();
    },
  };
}
