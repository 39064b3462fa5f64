import type { WorkerLoss } from "../../model/workers.ts";
import { isStranded } from "./is-stranded.ts";
import type { Node, Task } from "./list-tasks.ts";

/** 128 + SIGKILL: ended from outside, most often by the kernel for want of memory. */
const killed = 137;

/**
 * Every worker whose node went away or that was killed, as often as that happened. Told from what Batch keeps of a
 * task, so that each look tells the same; the node it was on before is not among that.
 */
export function toLosses(
  tasks: readonly Task[],
  nodes: readonly Node[],
  spotPercent: number,
): readonly WorkerLoss[] {
  return tasks.flatMap((task) => [
    ...toRequeues(task, spotPercent),
    ...toStranding(task, nodes),
    ...toKill(task),
  ]);
}

function toRequeues({ id: worker = "", executionInfo }: Task, spotPercent: number): readonly WorkerLoss[] {
  const [reason, what] = toReason(spotPercent);
  return Array.from({ length: executionInfo?.requeueCount ?? 0 }, (_, index) => ({
    worker,
    reason,
    message: `The node of ${worker} ${what} (${toTimes(index + 1)}). Batch runs it again on another node; until then the others take its targets.`,
  }));
}

/** Batch says that a task was queued again, not why. */
function toReason(spotPercent: number): readonly [reason: string, what: string] {
  if (spotPercent === 0) return ["NodeLost", "failed or was taken out of the pool"];
  if (spotPercent === 100) return ["NodePreempted", "was pre-empted: Azure wanted the spot node back"];
  return ["NodeLost", "was pre-empted, if it was a spot node, or failed"];
}

const toTimes = (count: number): string => (count === 1 ? "once" : `${count} times`);

function toStranding(task: Task, nodes: readonly Node[]): readonly WorkerLoss[] {
  if (!isStranded(task, nodes)) return [];
  const { id: worker = "", nodeInfo } = task;
  const node = nodes.find(({ id }) => id === nodeInfo?.nodeId);
  const { code, message } = node?.errors?.[0] ?? {};
  const why = code ? ` (${code}: ${message ?? ""})` : "";
  return [
    {
      worker,
      reason: "NodeUnusable",
      message: `The node of ${worker} is ${node?.state ?? "gone"}${why}. Its targets go to the others.`,
    },
  ];
}

function toKill({ id: worker = "", state, executionInfo }: Task): readonly WorkerLoss[] {
  if (state !== "completed" || executionInfo?.exitCode !== killed) return [];
  const message = `${worker} was killed (exit code ${killed}), most often for want of memory. Its targets go to the others.`;
  return [{ worker, reason: "Killed", message }];
}
