import type { Activities } from "../model/activities.ts";
import type { Services } from "../services/services.ts";
import { readRun } from "./read-run.ts";
import { takeResults } from "./take-results.ts";

/**
 * When no message is left though targets are open, events may have been lost: their outcomes are in the result records,
 * and need not wait until the last worker has gone for want of work.
 */
export async function recallResults(
  services: Services,
  { runId }: Parameters<Activities["recallResults"]>[0],
): ReturnType<Activities["recallResults"]> {
  if ((await services.topic.waiting(runId)) > 0) return { settled: false };
  const { buckets } = await readRun(services, runId);
  let open = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    open += (await takeResults(services, runId, bucket)).length;
  }
  return { settled: open === 0 };
}
