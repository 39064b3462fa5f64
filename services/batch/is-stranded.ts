import type { Node, Task } from "./list-tasks.ts";

/**
 * A task that is said to run on a node that does not: Batch leaves it so until the node comes back, which it may
 * never do. A node Batch has lost contact with (`unknown`) may still run it.
 * https://learn.microsoft.com/azure/batch/batch-pool-node-error-checking
 */
export function isStranded({ state, nodeInfo }: Task, nodes: readonly Node[]): boolean {
  if (state !== "running" && state !== "preparing") return false;
  const node = nodes.find(({ id }) => id === nodeInfo?.nodeId);
  return node?.state === undefined || node.state === "unusable" || node.state === "preempted";
}
