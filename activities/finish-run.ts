import type { Activities } from "../model/activities.ts";
import type { Clock } from "../model/clock.ts";
import { addCounts, type Counts } from "../model/progress.ts";
import { isFinal, type FinalRunState, type Run } from "../model/run.ts";
import { TargetState, isSuccess } from "../model/target.ts";
import type { FailureReport } from "../model/failures.ts";
import type { Services } from "../services/services.ts";
import { readRun } from "./read-run.ts";

export async function finishRun(
  services: Services,
  clock: Clock,
  { runId, failure }: Parameters<Activities["finishRun"]>[0],
): ReturnType<Activities["finishRun"]> {
  const run = await readRun(services, runId);
  const counts = addCounts(await services.progress.summaries(runId, run.buckets));
  const state = planEnd(run, counts, failure);
  const ended = await services.runs.apply(runId, {
    type: "ended",
    state,
    at: clock().toISOString(),
    ...(failure && { failure }),
  });
  const isAwaited = ended.callback?.state === "pending";
  return { state: isFinal(ended.state) ? ended.state : state, ...(isAwaited && { callback: true }) };
}

/** A cancel that came when every target was through changed nothing, and is not what the run is remembered by. */
export function planEnd(run: Run, counts: Counts, failure: FailureReport | undefined): FinalRunState {
  if (failure) return "failed";
  if (countSucceeded(counts) === run.targets) return "succeeded";
  return run.cancelRequestedAt === undefined ? "completedWithErrors" : "cancelled";
}

export function countSucceeded(counts: Counts): number {
  return TargetState.options.filter(isSuccess).reduce((sum, state) => sum + counts[state], 0);
}
