import type { Activities } from "../model/activities.ts";
import type { Services } from "../services/services.ts";
import { readBucket } from "./read-bucket.ts";

/** Sent twice is no harm: the second message finds the first one's journal row in the database. */
export async function enqueueTargets(
  services: Services,
  { runId, bucket, round }: Parameters<Activities["enqueueTargets"]>[0],
): ReturnType<Activities["enqueueTargets"]> {
  const targets = await readBucket(services, runId, bucket);
  const sent = await services.topic.send(targets.map((target) => ({ runId, bucket, round, target })));
  return { sent };
}
