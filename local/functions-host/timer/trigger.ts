import type { Clock } from "../../part.ts";
import type { RegisteredFunction, TypedData } from "../invoker.ts";
import type { TriggerContext, RunningTrigger } from "../trigger.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";

/** What the real host keeps in a blob; here it lasts as long as the host. */
interface ScheduleStatus {
  /** The last time the timer was due and ran; .NET's smallest date until then. */
  readonly last: string;
  /** While the function runs: the time it runs for. */
  readonly next: string;
  readonly lastUpdated: string;
}

const never = "0001-01-01T00:00:00.000Z";
/** A longer wait overflows Node's timer (2^31 ms) and would end at once. */
const longestWait = 24 * 60 * 60 * 1000;

/**
 * Runs a function on its schedule, one run at a time: what came due during a run is skipped.
 * A missed time is not made up for after a restart (`isPastDue` is always false): nothing is persisted.
 * @throws {Error} naming the function when its schedule cannot be read.
 */
export function startTimer(target: RegisteredFunction, context: TriggerContext): RunningTrigger {
  const { clock } = context;
  const schedule = readSchedule(target, context);
  let status: ScheduleStatus = { last: never, next: never, lastUpdated: never };
  let cancel = (): void => undefined;
  let stopped = false;

  const run = async (): Promise<void> => {
    await context.run(target.name, { data: toTimerInfo(status) });
  };
  const arm = (): void => {
    if (stopped) return;
    const due = schedule.next(clock.now());
    if (due === undefined) return;
    status = { ...status, next: new Date(due).toISOString() };
    cancel = waitUntil(clock, due, () => {
      void run().then(() => {
        status = { last: status.next, next: never, lastUpdated: new Date(clock.now()).toISOString() };
        arm();
      });
    });
  };

  arm();
  if (target.trigger["runOnStartup"] === true) void run();
  return {
    functionName: target.name,
    runByHand: run,
    stop: () => {
      stopped = true;
      cancel();
      return Promise.resolve();
    },
  };
}

function readSchedule({ name, trigger }: RegisteredFunction, context: TriggerContext): Schedule {
  const text = String(trigger["schedule"]);
  try {
    return parseSchedule(text, context.settings["WEBSITE_TIME_ZONE"]);
  } catch (cause) {
    throw new Error(`The schedule "${text}" of function "${name}" cannot be read`, { cause });
  }
}

/** Keys as the .NET host writes them; the programming model turns them into camel case. */
function toTimerInfo({ last, next, lastUpdated }: ScheduleStatus): TypedData {
  const info = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: last, Next: next, LastUpdated: lastUpdated },
    IsPastDue: false,
  };
  return { json: JSON.stringify(info) };
}

function waitUntil(clock: Clock, due: number, callback: () => void): () => void {
  let cancel = (): void => undefined;
  const wait = (): void => {
    const left = due - clock.now();
    // A system timer may end a millisecond early; the run would then be too early for its own schedule.
    if (left <= 0) callback();
    else cancel = clock.after(Math.min(left, longestWait), wait);
  };
  cancel = clock.after(Math.min(Math.max(due - clock.now(), 0), longestWait), wait);
  return () => {
    cancel();
  };
}
