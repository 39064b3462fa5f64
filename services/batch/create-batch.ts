import { BatchManagementClient } from "@azure/arm-batch";
import { BatchServiceClient, BatchSharedKeyCredentials } from "@azure/batch";
import type { TokenCredential } from "@azure/core-auth";
import type { ComputeHandle, WorkersState } from "../../model/activities.ts";
import { Failure } from "../../model/failures.ts";
import { toJobId, type RunId } from "../../model/ids.ts";
import { type FunctionSettings, toWorkerEnvironment } from "../../model/settings.ts";
import { fromSecrets } from "../from-secrets.ts";
import { guard } from "../guard.ts";
import type { Compute, Secrets } from "../services.ts";
import { toPool, toTasks } from "./plan-batch.ts";

/** One add-task call takes 100 tasks. */
const tasksPerCall = 100;

/** Azure Batch: one pool for all runs (its nodes carry the workers' identity), one job per round of a run. */
export function createBatch(
  secrets: Pick<Secrets, "read">,
  credential: TokenCredential,
  settings: FunctionSettings,
): Compute {
  const data = fromSecrets(secrets, ["BatchAccountKey"], (values) => {
    const key = new BatchSharedKeyCredentials(settings.BATCH_ACCOUNT_NAME, values.BatchAccountKey);
    return new BatchServiceClient(key, settings.BATCH_ACCOUNT_URL);
  });
  const management = new BatchManagementClient(credential, settings.AZURE_SUBSCRIPTION_ID, {
    endpoint: settings.AZURE_RESOURCE_MANAGER_URL,
    credentialScopes: ["https://management.azure.com/.default"],
  });

  return guard<Compute>("Azure Batch", {
    launch: async (runId, plan, round) => {
      const nodes = plan.compute.kind === "batch" ? plan.compute.nodes : 1;
      await ensurePool(management, settings, nodes);
      return startJob(await data(), settings, { runId, round, nodes });
    },
    state: async ({ jobId }) => readState(await data(), jobId),
    release: async (runId, round) => {
      await deleteJob(await data(), toJobId(runId, round));
    },
  });
}

/** Makes the pool, or lets it grow: a pool that another run uses is never made smaller. */
async function ensurePool(
  client: BatchManagementClient,
  settings: FunctionSettings,
  nodes: number,
): Promise<void> {
  const { AZURE_RESOURCE_GROUP: group, BATCH_ACCOUNT_NAME: account, BATCH_POOL_ID: pool } = settings;
  try {
    const existing = await client.poolOperations.get(group, account, pool);
    const now = existing.scaleSettings?.fixedScale?.targetDedicatedNodes ?? 0;
    if (existing.scaleSettings?.autoScale ?? now >= nodes) return;
    await client.poolOperations.update(group, account, pool, {
      scaleSettings: { fixedScale: { targetDedicatedNodes: nodes } },
    });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    await client.poolOperations.create(group, account, pool, toPool(settings, nodes));
  }
}

async function startJob(
  client: BatchServiceClient,
  settings: FunctionSettings,
  { runId, round, nodes }: { readonly runId: RunId; readonly round: number; readonly nodes: number },
): Promise<ComputeHandle> {
  const jobId = toJobId(runId, round);
  await unlessCode("JobExists", () =>
    client.job.add({ id: jobId, poolInfo: { poolId: settings.BATCH_POOL_ID }, usesTaskDependencies: false }),
  );
  const tasks = toTasks(settings, nodes, toWorkerEnvironment(settings, runId));
  for (let start = 0; start < tasks.length; start += tasksPerCall) {
    const answer = await client.task.addCollection(jobId, tasks.slice(start, start + tasksPerCall));
    const refused = answer.value?.find(({ error }) => error && error.code !== "TaskExists");
    if (refused)
      throw new Failure(
        "ComputeFailed",
        `Batch refused task ${refused.taskId}: ${refused.error?.code ?? "no reason given"}`,
      );
  }
  return { kind: "batch", jobId };
}

/** A job that is gone runs nothing. */
async function readState(client: BatchServiceClient, jobId: string): Promise<WorkersState> {
  const counts = await unlessCode("JobNotFound", () => client.job.getTaskCounts(jobId));
  if (!counts) return "ended";
  const { active, running } = counts.taskCounts;
  if (running > 0) return "running";
  return active > 0 ? "starting" : "ended";
}

async function deleteJob(client: BatchServiceClient, jobId: string): Promise<void> {
  await unlessCode("JobNotFound", () => client.job.deleteMethod(jobId));
}

async function unlessCode<T>(code: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    const { code: found, body } = error as { code?: string; body?: { code?: string } };
    if (found === code || body?.code === code) return undefined;
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}
