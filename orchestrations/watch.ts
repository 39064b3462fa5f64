import type { OrchestrationContext, Task } from "durable-functions";
import type { ActivityAnswer, ComputeHandle, RunProgress } from "../model/activities.ts";
import { parseFailure } from "../model/failure-history.ts";
import { wakeEvent, type RunId } from "../model/ids.ts";
import { countFinished } from "../model/progress.ts";
import { call } from "./call.ts";
import { collectOutputs } from "./collect-outputs.ts";

export interface WatchInput {
  readonly runId: RunId;
  readonly compute: ComputeHandle;
  /** Which time the run's open targets are out with workers, from 1. */
  readonly round: number;
  readonly rounds: number;
  /** Looks since anything changed: the longer it is quiet, the rarer they get. */
  readonly quietPolls: number;
  readonly finished?: number;
  /** ISO 8601: when a cancel was first seen. */
  readonly cancelSeenAt?: string;
}

/** Seconds between looks: 2, growing to 30. A settled run wakes the watch at once. */
const firstDelay = 2;
const longestDelay = 30;
/** Looks without news after which events are suspected to be lost: some 15 seconds. */
const longQuiet = 3;
/** Longer than a worker's grace time: what has not ended by then is stopped. In seconds. */
const cancelPatience = 120;

type Steps<Result> = Generator<Task, Result, never>;

/**
 * Looks at the run until every target has its outcome. One look is one short history: `continueAsNew` starts
 * the next, so a run of hours costs no more than one of seconds.
 * @returns also a failure as an answer: thrown, Durable would pass on its text only, and not its code
 */
export function* watch(context: OrchestrationContext): Steps<ActivityAnswer<undefined>> {
  try {
    yield* look(context);
    return { value: undefined };
  } catch (error) {
    return { failure: parseFailure(error) };
  }
}

function* look(context: OrchestrationContext): Steps<void> {
  const input = context.df.getInput<WatchInput>();
  const { runId, compute, round } = input;
  const progress = yield* call(context, "readProgress", { runId, compute, round });
  if (progress.settled) return;

  const seen = { ...input, ...toCancelSeen(context, input, progress) };
  if (progress.workers === "ended" || isOverdue(context, seen)) {
    const next = yield* closeRound(context, seen, progress.cancelRequested);
    if (next) context.df.continueAsNew(next);
    return;
  }
  const finished = countFinished(progress.counts);
  const quietPolls = finished === input.finished ? input.quietPolls + 1 : 0;
  if (quietPolls >= longQuiet && (yield* call(context, "recallResults", { runId })).settled) return;
  yield* waitForNews(context, quietPolls);
  context.df.continueAsNew({ ...seen, finished, quietPolls } satisfies WatchInput);
}

/** No worker is left: what is still open goes out in another round, or is given up. */
function* closeRound(
  context: OrchestrationContext,
  input: WatchInput,
  cancelled: boolean,
): Steps<WatchInput | undefined> {
  const { runId, round, rounds } = input;
  // Now: nodes and finished pods do not stay, and another round may take long.
  yield* collectOutputs(context, { runId, firstRound: round, lastRound: round, patienceSeconds: 0 });
  if (cancelled || round >= rounds) {
    // Workers that outlived the patience must not begin what is closed here.
    yield* call(context, "releaseCompute", { runId, rounds });
    yield* call(context, "reconcileRun", { runId, round, giveUp: "lost" });
    return undefined;
  }
  const { settled } = yield* call(context, "reconcileRun", { runId, round });
  if (settled) return undefined;
  const compute = yield* call(context, "launchCompute", { runId, round: round + 1 });
  return { ...input, compute, round: round + 1, quietPolls: 0 };
}

function toCancelSeen(
  context: OrchestrationContext,
  input: WatchInput,
  { cancelRequested }: RunProgress,
): Pick<WatchInput, "cancelSeenAt"> {
  if (!cancelRequested || input.cancelSeenAt) return {};
  return { cancelSeenAt: context.df.currentUtcDateTime.toISOString() };
}

function isOverdue(context: OrchestrationContext, { cancelSeenAt }: WatchInput): boolean {
  if (!cancelSeenAt) return false;
  return context.df.currentUtcDateTime.getTime() - Date.parse(cancelSeenAt) > cancelPatience * 1_000;
}

/** Until the timer fires or somebody raises the wake event. Both are new tasks each time: none is yielded twice. */
function* waitForNews(context: OrchestrationContext, quietPolls: number): Steps<void> {
  const delay = Math.min(longestDelay, firstDelay * 2 ** quietPolls);
  const at = new Date(context.df.currentUtcDateTime.getTime() + delay * 1_000);
  const timer = context.df.createTimer(at);
  yield context.df.Task.any([context.df.waitForExternalEvent(wakeEvent), timer]);
  if (!timer.isCompleted) timer.cancel();
}
