import { createDeferred } from "../deferred.ts";
import { systemClock } from "../part.ts";

/** The invocations that the host's own triggers have under way. */
export interface Running {
  /** Counts `work` until it settles, and hands it back. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing runs any more, or after the limit; false = the limit came first. */
  drain(limitMilliseconds: number): Promise<boolean>;
}

export function createRunning(): Running {
  const underWay = new Set<Promise<unknown>>();
  return {
    track(work) {
      const settled = work
        .catch(() => undefined)
        .finally(() => {
          underWay.delete(settled);
        });
      underWay.add(settled);
      return work;
    },
    async drain(limitMilliseconds) {
      const limit = createDeferred<boolean>();
      // Real time, whatever the host's clock is: stopping must end even when nobody moves the hands.
      const cancel = systemClock.after(limitMilliseconds, () => {
        limit.resolve(false);
      });
      const empty = (async () => {
        while (underWay.size > 0) await Promise.all(underWay);
        return true;
      })();
      return await Promise.race([empty, limit.promise]).finally(cancel);
    },
  };
}
