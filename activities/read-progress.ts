import type { Activities } from "../model/activities.ts";
import type { Clock } from "../model/clock.ts";
import { Failure } from "../model/failures.ts";
import { addCounts, countFinished } from "../model/progress.ts";
import type { Services } from "../services/services.ts";
import { explainFailure } from "./explain-failure.ts";
import { readRun } from "./read-run.ts";
import { rememberLosses } from "./remember-losses.ts";

/** A glance at the run: one read per bucket, one of the run, one of the job, whatever the fleet's size. */
export async function readProgress(
  services: Services,
  clock: Clock,
  { runId, compute, round }: Parameters<Activities["readProgress"]>[0],
): ReturnType<Activities["readProgress"]> {
  // Workers first: an outcome that was counted after the last worker ended would else look like one missing.
  const workers = await services.compute[compute.kind].state(compute).catch(toComputeFailure);
  const run = await readRun(services, runId);
  if (!(workers instanceof Failure)) {
    await rememberLosses(services, clock, run, { round, losses: workers.losses });
  }
  const counts = addCounts(await services.progress.summaries(runId, run.buckets));
  const settled = countFinished(counts) === run.targets;
  // Compute that broke when everything was done already is nobody's trouble.
  if (workers instanceof Failure && !settled) throw await explainFailure(services, runId, workers);
  return {
    counts,
    total: run.targets,
    settled,
    cancelRequested: run.cancelRequestedAt !== undefined,
    workers: workers instanceof Failure ? "ended" : workers.state,
  };
}

function toComputeFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}
