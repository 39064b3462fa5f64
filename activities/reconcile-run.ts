import type { Activities } from "../model/activities.ts";
import { planMessages } from "../model/plan-messages.ts";
import type { Run } from "../model/run.ts";
import type { Services } from "../services/services.ts";
import { closeTargets } from "./close-targets.ts";
import { readRun } from "./read-run.ts";
import { takeResults } from "./take-results.ts";

/**
 * Finds out how the targets ended that no event told of: from the workers' result records. What has none either
 * is sent again, unless messages are still waiting, or is given up.
 */
export async function reconcileRun(
  services: Services,
  { runId, round, giveUp }: Parameters<Activities["reconcileRun"]>[0],
): ReturnType<Activities["reconcileRun"]> {
  const run = await readRun(services, runId);
  if (!giveUp) return sendAgain(services, run, round + 1);
  await closeTargets(services, run, giveUp);
  return { settled: true, enqueued: 0 };
}

async function sendAgain(
  services: Services,
  { id: runId, buckets, plan: { concurrency } }: Run,
  round: number,
): ReturnType<Activities["reconcileRun"]> {
  const waiting = await services.topic.waiting(runId);
  let open = 0;
  let enqueued = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const targets = await takeResults(services, runId, bucket);
    open += targets.length;
    if (waiting > 0) continue;
    const messages = planMessages({ runId, bucket, round, concurrency }, targets);
    if (messages.length > 0) enqueued += await services.topic.send(messages);
  }
  return { settled: open === 0, enqueued };
}
