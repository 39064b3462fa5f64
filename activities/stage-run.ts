import type { Activities } from "../model/activities.ts";
import { toSlots } from "../model/concurrency.ts";
import { toBucketSizes } from "../model/progress.ts";
import type { Services } from "../services/services.ts";
import { readRun } from "./read-run.ts";

/** The subscription comes first: a message sent before it exists would reach nobody. */
export async function stageRun(
  services: Services,
  { runId }: Parameters<Activities["stageRun"]>[0],
): ReturnType<Activities["stageRun"]> {
  const run = await readRun(services, runId);
  const { perSession } = toSlots(run.plan.concurrency);
  await services.topic.subscribe(runId, { sessions: perSession !== undefined });
  await Promise.all(
    toBucketSizes(run.targets).map((total, bucket) => services.progress.begin(runId, bucket, total)),
  );
  return { buckets: run.buckets, total: run.targets };
}
