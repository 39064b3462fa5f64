import { setTimeout as wait } from "node:timers/promises";
import type { CrashRun } from "./crash-bench.ts";
import { type Crash, type CrashPoint, createCrash, unharmed } from "./crash.ts";
import { type CrashingWorker, startCrashingWorker } from "./crashing-worker.ts";

/** What became of a run whose worker stopped somewhere. */
export interface Survey {
  /** The calls of the worker that stopped. */
  readonly calls: readonly string[];
  readonly rows: number;
  readonly state: string | undefined;
}

/** Milliseconds a frozen worker stands still at most, while another has its target, or waits for the database. */
const frozenFor = 2_500;

/**
 * Lets a worker stop at a point, and healthy ones do the rest.
 * @param earlier points at which other workers died before it, one after the other
 */
export async function live(
  run: CrashRun,
  point: CrashPoint,
  earlier: readonly CrashPoint[] = [],
): Promise<Survey> {
  for (const death of earlier) {
    const { crash, worker } = start(run, death);
    await crash.stopped;
    await takeAway(run, worker);
  }
  const isDone = run.untilDone();
  const { crash, worker } = start(run, point);
  const alive = [worker];
  const survived = await Promise.race([isDone.then(() => true), crash.stopped.then(() => false)]);
  if (!survived) {
    if (point.ending === "frozen") run.dropLocks();
    else {
      alive.pop();
      await takeAway(run, worker);
    }
    alive.push(start(run, unharmed).worker);
    if (point.ending === "frozen") {
      await Promise.race([isDone, wait(frozenFor)]);
      crash.thaw();
    }
    await isDone;
  }
  await Promise.all(alive.map((each) => each.stop()));
  const record = await run.readRecord();
  return { calls: crash.calls, rows: await run.countRows(), state: record?.outcome.state };
}

let workers = 0;

function start(run: CrashRun, point: CrashPoint): { readonly crash: Crash; readonly worker: CrashingWorker } {
  const crash = createCrash(point);
  return { crash, worker: startCrashingWorker(run.newWorker(`worker-${(workers += 1)}`), crash) };
}

/** A dead worker is buried, and its message comes again. */
async function takeAway(run: CrashRun, worker: CrashingWorker): Promise<void> {
  await worker.bury();
  run.dropLocks();
}
