import type { BatchServiceClient, BatchServiceModels } from "@azure/batch";
import type { ComputeHandle } from "../../model/activities.ts";
import { toWorkerSource } from "../../model/batch-settings.ts";
import { Failure } from "../../model/failures.ts";
import { toJobId, type RunId } from "../../model/ids.ts";
import { type FunctionSettings, toWorkerEnvironment } from "../../model/settings.ts";
import { codeOf, unlessCode } from "./batch-errors.ts";

/** One add-task call takes 100 tasks. */
const tasksPerCall = 100;

/** How long a node may keep a finished task's files. */
const retentionTime = "P1D";

/** What is there from an earlier try of the same step is left as it is. */
export async function startJob(
  client: BatchServiceClient,
  settings: FunctionSettings,
  { runId, round, nodes }: { readonly runId: RunId; readonly round: number; readonly nodes: number },
): Promise<ComputeHandle> {
  const jobId = toJobId(runId, round);
  await unlessCode(["JobExists"], () =>
    client.job.add({ id: jobId, poolInfo: { poolId: settings.BATCH_POOL_ID }, usesTaskDependencies: false }),
  );
  const tasks = toTasks(settings, nodes, toWorkerEnvironment(settings, runId));
  for (let start = 0; start < tasks.length; start += tasksPerCall) {
    const answer = await client.task.addCollection(jobId, tasks.slice(start, start + tasksPerCall));
    const refused = answer.value?.find(({ error }) => error && error.code !== "TaskExists");
    if (refused) {
      const reason = codeOf(refused.error) ?? "no reason given";
      throw new Failure("ComputeFailed", `Batch refused task ${refused.taskId}: ${reason}`);
    }
  }
  return { kind: "batch", jobId };
}

/**
 * One task per node, each a worker. Settings only: a worker reads its secrets from the Key Vault. Batch itself runs a
 * task again whose node was taken away; one that failed is for the next round.
 */
function toTasks(
  settings: FunctionSettings,
  nodes: number,
  environment: Readonly<Record<string, string>>,
): BatchServiceModels.TaskAddParameter[] {
  return Array.from({ length: nodes }, (_, index) => {
    const id = `worker-${index + 1}`;
    return {
      id,
      commandLine: settings.WORKER_COMMAND,
      constraints: { maxTaskRetryCount: 0, retentionTime },
      environmentSettings: Object.entries({ ...environment, WORKER_ID: id }).map(([name, value]) => ({
        name,
        value,
      })),
      ...(toWorkerSource(settings) === "image" && {
        containerSettings: { imageName: settings.WORKER_IMAGE ?? "", containerRunOptions: "--rm" },
      }),
    };
  });
}
