import pRetry from "p-retry";
import { toSlots } from "../model/concurrency.ts";
import type { TargetId } from "../model/ids.ts";
import type { MessageAddress } from "../model/messages.ts";
import type { Run } from "../model/run.ts";
import type { Services } from "../services/services.ts";
import { takeResults } from "./take-results.ts";

/**
 * Nobody will work on the run's open targets any more: each gets its last state. With "lost", those whose message tells
 * that no worker ever began them are told apart: nothing was done to them. That goes for a cancelled run as well: a
 * worker that was killed over it may have been about to commit.
 *
 * It may be cut short anywhere and run again. Result records come first, for they are the truth. Then each batch of
 * untouched targets is stored before its messages are completed: cut short before that, a message comes again as one
 * that was handed out, and its target is `lost`, which only says less. The other way round, saying of a target that
 * was begun that it was not, does not happen: who is told of here has the message, so nobody else had it or gets it.
 * A target that was sent twice has two messages, past the 10 minutes of duplicate detection: then its `running` record
 * is what tells that it was begun.
 */
export async function closeTargets(
  services: Services,
  run: Run,
  giveUp: "cancelled" | "lost",
): Promise<void> {
  const open = new Map<number, readonly TargetId[]>();
  for (let bucket = 0; bucket < run.buckets; bucket += 1) {
    const targets = await takeResults(services, run.id, bucket);
    const ids = targets.map(({ id }) => id);
    if (ids.length > 0) open.set(bucket, ids);
  }
  if (open.size === 0) return;
  try {
    if (giveUp === "lost") await pRetry(() => closeUntouched(services, run), untouchedRetries);
  } finally {
    // Also when the messages could not be read: no target may stay open in a run that ends.
    for (const [bucket, ids] of open)
      await services.progress.giveUp(run.id, bucket, ids, giveUp === "lost" ? "lost" : whyNotBegun(run));
  }
}

/** Beside the SDK's own, which wait for a minute or so each time. */
const untouchedRetries = { retries: 2, minTimeout: 500, randomize: true };

/** A run that nobody cancelled, and that left targets alone, has failed. */
function whyNotBegun({ cancelRequestedAt }: Run): "cancelled" | "neverBegun" {
  return cancelRequestedAt === undefined ? "neverBegun" : "cancelled";
}

async function closeUntouched({ topic, progress }: Services, run: Run): Promise<void> {
  const { id: runId, plan } = run;
  const sessions = toSlots(plan.concurrency).perSession !== undefined;
  for await (const batch of topic.takeUntouched(runId, { sessions })) {
    for (const [bucket, targetIds] of groupByBucket(batch)) {
      await progress.giveUp(runId, bucket, targetIds, whyNotBegun(run));
    }
  }
}

function groupByBucket(batch: readonly MessageAddress[]): ReadonlyMap<number, readonly TargetId[]> {
  const groups = Map.groupBy(batch, ({ bucket }) => bucket);
  return new Map([...groups].map(([bucket, members]) => [bucket, members.map(({ targetId }) => targetId)]));
}
