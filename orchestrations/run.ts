import type { OrchestrationContext, Task } from "durable-functions";
import type { ActivityAnswer } from "../model/activities.ts";
import { parseFailure } from "../model/failure-history.ts";
import { Failure, type FailureReport } from "../model/failures.ts";
import { toWatchInstanceId, type RunId } from "../model/ids.ts";
import type { FinalRunState, RunningState } from "../model/run.ts";
import { call, schedule, unwrap } from "./call.ts";
import { collectOutputs } from "./collect-outputs.ts";
import type { WatchInput } from "./watch.ts";

/** Small and without secrets: it stays in the history. */
export interface RunInput {
  readonly runId: RunId;
  /** Most often a target may be enqueued. */
  readonly rounds: number;
  /** An earlier orchestration of this run was terminated or failed: only clean up, and say so. */
  readonly interrupted?: boolean;
}

/**
 * How long the workers may take to end after the order to, before their job is deleted, in seconds. Settled: they look
 * every second, and have nothing in hand. Stop: their grace time, and what cutting short takes after it.
 */
const goodbyeSeconds = { settled: 15, stop: 60 } as const;

/** How far a run came: what was never given to workers was not begun. */
type Reach = "prepared" | "launched" | "settled";
type Steps<Result> = Generator<Task, Result, never>;

/** One run, from its accepted document to its end. What was made is cleaned up on every path. */
export function* run(context: OrchestrationContext): Steps<FinalRunState> {
  const input = context.df.getInput<RunInput>();
  const progress: { reach: Reach } = { reach: input.interrupted ? "launched" : "prepared" };
  let failure: FailureReport | undefined;
  try {
    if (input.interrupted)
      throw new Failure("RunInterrupted", "The run's orchestration ended before the run did.");
    yield* work(context, input, progress);
  } catch (error) {
    failure = parseFailure(error);
  }
  failure = yield* cleanUp(context, input, progress.reach, failure);
  const { runId } = input;
  const { state, callback } = yield* call(context, "finishRun", { runId, ...(failure && { failure }) });
  if (callback) yield* sendCallback(context, runId);
  return state;
}

/** The run has ended, whatever becomes of it; what could not be sent now, the sweep of the callbacks sends. */
function* sendCallback(context: OrchestrationContext, runId: RunId): Steps<void> {
  try {
    yield* call(context, "sendCallback", { runId });
  } catch {
    // Remembered with the run as pending.
  }
}

/** Steps 2 to 7 of the flow; comes back early when the run was cancelled. */
function* work(
  context: OrchestrationContext,
  { runId, rounds }: RunInput,
  progress: { reach: Reach },
): Steps<void> {
  if (!(yield* reach(context, runId, "staging"))) return;
  const { buckets } = yield* call(context, "stageRun", { runId });

  if (!(yield* reach(context, runId, "enqueueing"))) return;
  yield* enqueue(context, runId, buckets);

  if (!(yield* reach(context, runId, "launching"))) return;
  // Also when it fails halfway: some workers may be there.
  progress.reach = "launched";
  const compute = yield* call(context, "launchCompute", { runId, round: 1 });

  yield* reach(context, runId, "running");
  const watching: WatchInput = { runId, compute, round: 1, rounds, quietPolls: 0 };
  const watched: ActivityAnswer<undefined> = yield context.df.callSubOrchestrator(
    "watch",
    watching,
    toWatchInstanceId(runId),
  );
  unwrap(watched);
  progress.reach = "settled";
}

function* reach(context: OrchestrationContext, runId: RunId, state: RunningState): Steps<boolean> {
  context.df.setCustomStatus({ state });
  const { goOn } = yield* call(context, "advanceRun", { runId, state });
  return goOn;
}

function* enqueue(context: OrchestrationContext, runId: RunId, buckets: number): Steps<void> {
  const tasks = Array.from({ length: buckets }, (_, bucket) =>
    schedule(context, "enqueueTargets", { runId, bucket, round: 1 }),
  );
  const answers: readonly ActivityAnswer<unknown>[] = yield context.df.Task.all(tasks);
  answers.forEach(unwrap);
}

/**
 * In reverse order of making, each step whatever became of the one before; @returns the failure so far, or the
 * last of its own. Workers are stopped before open targets are closed, so that none of these can still be begun.
 */
function* cleanUp(
  context: OrchestrationContext,
  { runId, rounds }: RunInput,
  reached: Reach,
  earlier: FailureReport | undefined,
): Steps<FailureReport | undefined> {
  let failure = earlier;
  const settled = reached === "settled";
  const order = settled ? "settled" : "stop";
  const patienceSeconds = goodbyeSeconds[order];
  const steps = [
    () => reach(context, runId, "collecting"),
    () => call(context, "orderWorkers", { runId, order }),
    () => collectOutputs(context, { runId, firstRound: 1, lastRound: rounds, patienceSeconds }),
    () => call(context, "releaseCompute", { runId, rounds }),
    ...(settled
      ? []
      : [() => call(context, "reconcileRun", { runId, round: rounds, giveUp: toGiveUp(reached) } as const)]),
    () => call(context, "releaseSubscription", { runId }),
    () => call(context, "collectLogs", { runId, ...(failure && { failure }) }),
  ];
  for (const step of steps) {
    try {
      yield* step();
    } catch (error) {
      failure = parseFailure(error);
    }
  }
  return failure;
}

function toGiveUp(reached: Reach): "cancelled" | "lost" {
  return reached === "prepared" ? "cancelled" : "lost";
}
