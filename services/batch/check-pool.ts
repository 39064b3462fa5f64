import type { BatchServiceClient, BatchServiceModels } from "@azure/batch";
import { Failure, type FailureCode } from "../../model/failures.ts";
import { toReason } from "./batch-errors.ts";
import type { Node } from "./list-tasks.ts";

/** States of a node on which no task will start. https://learn.microsoft.com/rest/api/batchservice/compute-node */
const brokenStates = ["unusable", "starttaskfailed", "offline", "unknown"];

/**
 * Whether waiting tasks may hope for a node.
 * @param nodes of the pool; undefined when it is gone.
 * @throws Failure BatchQuotaExceeded, AllocationTimeout, AllocationFailed, PoolRefused, ImageUnavailable,
 * StartTaskFailed, NodesUnusable, PoolNotReady, ComputeFailed
 */
export async function checkPool(
  client: BatchServiceClient,
  poolId: string,
  nodes: readonly Node[] | undefined,
): Promise<void> {
  if (!nodes) throw new Failure("ComputeFailed", `The pool ${poolId} is gone.`);
  // A pre-empted node is shown until it is replaced. With others the tasks wait their turn, also when the pool
  // wanted more of them.
  const there = nodes.filter(({ state }) => state !== "preempted");
  if (there.length > 0) {
    checkNodes(poolId, there);
    return;
  }
  const pool = await client.pool.get(poolId);
  const { error } = pool.autoScaleRun ?? {};
  // A new pool's tasks are not counted yet: the next evaluation may know more.
  if (error && !error.code?.includes("InsufficientSampleData")) {
    throw new Failure("PoolRefused", `The formula of the pool ${poolId} fails: ${toReason(error)}`);
  }
  if (pool.allocationState !== "steady") return;
  const [resizeError] = pool.resizeErrors ?? [];
  if (resizeError) throw toAllocationFailure(poolId, resizeError);
}

/** https://learn.microsoft.com/azure/batch/batch-pool-node-error-checking#resize-timeout-or-failure */
function toAllocationFailure(poolId: string, error: BatchServiceModels.ResizeError): Failure {
  return new Failure(
    toAllocationCode(error.code ?? ""),
    `The pool ${poolId} gets no nodes: ${toReason(error)}`,
  );
}

/** The service's own clients compare these without regard to case, as it has not always written them alike. */
function toAllocationCode(code: string): FailureCode {
  if (/Quota/i.test(code)) return "BatchQuotaExceeded";
  return /^AllocationTimed?out$/i.test(code) ? "AllocationTimeout" : "AllocationFailed";
}

function checkNodes(poolId: string, nodes: readonly Node[]): void {
  const broken = nodes.filter(({ state }) => brokenStates.includes(state ?? "unknown"));
  const [first] = broken;
  if (!first || broken.length < nodes.length) return;
  const states = new Set(broken.map(({ state }) => state ?? "unknown"));
  const text = `No node of the pool ${poolId} can be used: ${[...states].sort().join(", ")}.`;
  const why = toNodeReason(first);
  throw new Failure(toNodesCode(states, first), why ? `${text} The first one: ${why}` : text);
}

function toNodesCode(states: ReadonlySet<string>, { errors }: Node): FailureCode {
  // One that cannot pull an image is unusable; its error tells.
  if (errors?.some(({ code }) => code?.startsWith("Container"))) return "ImageUnavailable";
  if (states.has("starttaskfailed")) return "StartTaskFailed";
  return states.has("unusable") ? "NodesUnusable" : "PoolNotReady";
}

function toNodeReason({ errors, startTaskInfo }: Node): string | undefined {
  const [error] = errors ?? [];
  if (error) return toReason({ ...error, values: error.errorDetails ?? [] });
  const { exitCode, failureInfo } = startTaskInfo ?? {};
  if (exitCode !== undefined) return `the start task ended with exit code ${exitCode}`;
  return failureInfo && `the start task could not run: ${toReason(failureInfo)}`;
}
