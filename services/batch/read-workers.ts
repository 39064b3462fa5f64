import type { BatchServiceClient } from "@azure/batch";
import type { FunctionSettings } from "../../model/settings.ts";
import type { Workers } from "../../model/workers.ts";
import { checkPool } from "./check-pool.ts";
import { checkStarts } from "./check-starts.ts";
import { listNodes, listTasks } from "./list-tasks.ts";
import { toLosses } from "./to-losses.ts";
import { isStranded } from "./is-stranded.ts";

type Settings = Pick<FunctionSettings, "BATCH_POOL_ID" | "BATCH_SPOT_PERCENT">;

/**
 * Two calls a look, whatever the number of workers: the job's tasks, then the pool's nodes; the pool itself is
 * looked at only when no worker runs. A job that is gone runs nothing.
 * @throws Failure when no worker will ever start; each reason has a code of its own.
 */
export async function readWorkers(
  client: BatchServiceClient,
  settings: Settings,
  jobId: string,
): Promise<Workers> {
  const tasks = await listTasks(client, jobId);
  if (!tasks) return { state: "ended", losses: [] };
  // After the tasks: a node that a task was on a moment ago and that is not there now is gone.
  const nodes = await listNodes(client, settings.BATCH_POOL_ID);
  const losses = toLosses(tasks, nodes ?? [], settings.BATCH_SPOT_PERCENT);
  const open = tasks.filter(({ state }) => state !== "completed");
  if (open.some((task) => task.state !== "active" && !isStranded(task, nodes ?? []))) {
    return { state: "running", losses };
  }
  if (open.some(({ state }) => state === "active")) {
    await checkPool(client, settings.BATCH_POOL_ID, nodes);
    return { state: "starting", losses };
  }
  checkStarts(tasks);
  return { state: "ended", losses };
}
