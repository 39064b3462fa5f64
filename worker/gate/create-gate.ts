import pLimit from "p-limit";
import { toSlots } from "../../model/concurrency.ts";
import type { RunPlan } from "../../model/run-document.ts";

/** What is left to do with a target when its slot is free again: report it. It must not reject. */
type Report = () => Promise<unknown>;

/** How many targets a worker has in hand, and when it last had one. */
export interface Gate {
  /** Targets at once. A free slot takes the next message at once; no target waits for another to end. */
  readonly slots: number;
  /** Targets in hand, also those that are through and still to be reported. */
  readonly inFlight: number;
  /** Milliseconds since something was last in hand; 0 while something is. */
  idleFor(): number;
  /**
   * Does the work as soon as a slot is free, and its report behind the slot. A slot waits for its own report only when
   * too many are open: then what takes the reports is slower than the databases, or away.
   * @returns when the slot is free again
   */
  pass(work: () => Promise<Report>): Promise<{ readonly done: Promise<unknown> }>;
  /** Resolves when nothing is in hand, at the latest after `milliseconds`; whether nothing is. */
  drained(milliseconds: number): Promise<boolean>;
}

/** Reports that may be open without holding a slot up, where there are fewer slots than that. */
const openReports = 8;

/** Caps a worker. Servers and tags are capped by their sessions, which the receiver holds: across the whole fleet. */
export function createGate(concurrency: RunPlan["concurrency"], now: () => number = Date.now): Gate {
  const { total: slots } = toSlots(concurrency);
  // The receiver asks for no more, except after it had to connect anew, and for the last session that finds room.
  const limit = pLimit(slots);
  const reports = pLimit(Math.max(slots, openReports));
  const running = new Set<Promise<unknown>>();
  let lastBusy = now();
  const workAndReport = async (work: () => Promise<Report>): Promise<{ readonly done: Promise<unknown> }> => {
    const done = reports(await work());
    if (reports.pendingCount > 0) await done;
    return { done };
  };
  const track = (whole: Promise<unknown>): void => {
    running.add(whole);
    void Promise.allSettled([whole]).then(() => {
      running.delete(whole);
      lastBusy = now();
    });
  };
  return {
    slots,
    get inFlight() {
      return running.size;
    },
    idleFor: () => (running.size > 0 ? 0 : now() - lastBusy),
    pass: (work) => {
      const slot = limit(() => workAndReport(work));
      track(slot.then(({ done }) => done));
      return slot;
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
