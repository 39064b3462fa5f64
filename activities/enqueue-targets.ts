import type { Activities } from "../model/activities.ts";
import { planMessages } from "../model/plan-messages.ts";
import type { Services } from "../services/services.ts";
import { readBucket } from "./read-bucket.ts";
import { readRun } from "./read-run.ts";

/** Sent twice is no harm: the second message finds the first one's journal row in the database. */
export async function enqueueTargets(
  services: Services,
  { runId, bucket, round }: Parameters<Activities["enqueueTargets"]>[0],
): ReturnType<Activities["enqueueTargets"]> {
  const { concurrency } = (await readRun(services, runId)).plan;
  const targets = await readBucket(services, runId, bucket);
  const sent = await services.topic.send(planMessages({ runId, bucket, round, concurrency }, targets));
  return { sent };
}
