import type { BatchServiceClient } from "@azure/batch";
import type { WorkersState } from "../../model/activities.ts";
import { Failure } from "../../model/failures.ts";
import { unlessCode } from "./batch-errors.ts";

/** States of a node on which no task will start. https://learn.microsoft.com/rest/api/batchservice/compute-node */
const brokenStates = ["unusable", "starttaskfailed", "offline", "unknown", "preempted"];

/**
 * One call while workers run; the pool and the tasks are looked at only when none does. A job that is gone runs
 * nothing.
 * @throws Failure ComputeFailed, PoolNotReady when no worker will ever start.
 */
export async function readState(
  client: BatchServiceClient,
  poolId: string,
  jobId: string,
): Promise<WorkersState> {
  const counts = await unlessCode(["JobNotFound"], () => client.job.getTaskCounts(jobId));
  if (!counts) return "ended";
  const { active, running, succeeded, failed } = counts.taskCounts;
  if (running > 0) return "running";
  if (active > 0) {
    await checkPool(client, poolId);
    return "starting";
  }
  if (failed > 0 && succeeded === 0) await checkStarts(client, jobId);
  return "ended";
}

async function checkPool(client: BatchServiceClient, poolId: string): Promise<void> {
  const pool = await unlessCode(["PoolNotFound"], () => client.pool.get(poolId));
  if (!pool) throw new Failure("ComputeFailed", `The pool ${poolId} is gone.`);
  if (pool.allocationState !== "steady") return;
  // With some nodes the tasks wait their turn, also when the pool wanted more of them.
  if (pool.currentDedicatedNodes || pool.currentLowPriorityNodes) return checkNodes(client, poolId);
  const [error] = pool.resizeErrors ?? [];
  if (error) throw new Failure("ComputeFailed", `The pool ${poolId} gets no nodes: ${toReason(error)}`);
}

function toReason({ code, message }: { readonly code?: string; readonly message?: string }): string {
  return `${code ?? "no code"}: ${message ?? ""}`;
}

async function checkNodes(client: BatchServiceClient, poolId: string): Promise<void> {
  const nodes = await client.computeNode.list(poolId, { computeNodeListOptions: { select: "id,state" } });
  const states = nodes.map(({ state }) => state ?? "unknown");
  if (states.length === 0 || !states.every((state) => brokenStates.includes(state))) return;
  throw new Failure(
    "PoolNotReady",
    `No node of the pool ${poolId} can be used: ${[...new Set(states)].sort().join(", ")}.`,
  );
}

/** Tasks that ended without an exit code never ran: no image, no such command. */
async function checkStarts(client: BatchServiceClient, jobId: string): Promise<void> {
  const tasks = await client.task.list(jobId, { taskListOptions: { select: "id,executionInfo" } });
  const failures = tasks.map(({ executionInfo }) =>
    executionInfo?.exitCode === undefined ? executionInfo?.failureInfo : undefined,
  );
  const [first] = failures;
  if (!first || failures.includes(undefined)) return;
  throw new Failure("ComputeFailed", `Batch could not start the workers: ${toReason(first)}`);
}
