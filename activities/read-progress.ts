import type { Activities } from "../model/activities.ts";
import { Failure } from "../model/failures.ts";
import { addCounts, countFinished } from "../model/progress.ts";
import type { Services } from "../services/services.ts";
import { readRun } from "./read-run.ts";

/** A glance at the run: one read per bucket, one of the run, one of the job, whatever the fleet's size. */
export async function readProgress(
  services: Services,
  { runId, compute }: Parameters<Activities["readProgress"]>[0],
): ReturnType<Activities["readProgress"]> {
  // Workers first: an outcome that was counted after the last worker ended would else look like one missing.
  const workers = await services.compute[compute.kind].state(compute).catch(toComputeFailure);
  const run = await readRun(services, runId);
  const counts = addCounts(await services.progress.summaries(runId, run.buckets));
  const settled = countFinished(counts) === run.targets;
  // Compute that broke when everything was done already is nobody's trouble.
  if (workers instanceof Failure && !settled) throw workers;
  return {
    counts,
    total: run.targets,
    settled,
    cancelRequested: run.cancelRequestedAt !== undefined,
    workers: workers instanceof Failure ? "ended" : workers,
  };
}

function toComputeFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}
