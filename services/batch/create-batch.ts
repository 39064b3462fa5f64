import { BatchManagementClient } from "@azure/arm-batch";
import { BatchServiceClient, BatchSharedKeyCredentials } from "@azure/batch";
import type { ComputeHandle } from "../../model/activities.ts";
import { Failure } from "../../model/failures.ts";
import { toJobId, type RunId } from "../../model/ids.ts";
import { type FunctionSettings, toWorkerEnvironment } from "../../model/settings.ts";
import type { Access } from "../access.ts";
import { fromSecrets } from "../from-secrets.ts";
import { once } from "../once.ts";
import { guard } from "../guard.ts";
import type { BatchPool, Compute } from "../services.ts";
import { codeOf, toBatchFailure, unlessCode } from "./batch-errors.ts";
import { deleteJob } from "./delete-job.ts";
import { ensurePool } from "./ensure-pool.ts";
import { toTasks } from "./plan-batch.ts";
import { toSigner } from "./to-signer.ts";
import { readState } from "./read-state.ts";

/** One add-task call takes 100 tasks. */
const tasksPerCall = 100;

/** Azure Batch: one pool for all runs (its nodes carry the workers' identity), one job per round of a run. */
export function createBatch(access: Access, settings: FunctionSettings): Compute {
  const data = openData(access, settings);
  const management = openManagement(access, settings);

  return guard<Compute>("Azure Batch", {
    launch: (runId, plan, round) =>
      translated(async () => {
        const nodes = plan.compute.kind === "batch" ? plan.compute.nodes : 1;
        await ensurePool(management, settings, nodes);
        return startJob(await data(), settings, { runId, round, nodes });
      }),
    state: ({ jobId }) => translated(async () => readState(await data(), settings.BATCH_POOL_ID, jobId)),
    release: (runId, round) => translated(async () => deleteJob(await data(), toJobId(runId, round))),
  });
}

/** The same pool, without a run. */
export function createBatchPool(access: Access, settings: FunctionSettings): BatchPool {
  const management = openManagement(access, settings);
  const { AZURE_RESOURCE_GROUP: group, BATCH_ACCOUNT_NAME: account, BATCH_POOL_ID: pool } = settings;
  return guard<BatchPool>("Azure Batch", {
    prestage: (nodes) => translated(() => ensurePool(management, settings, nodes)),
    remove: () =>
      translated(async () => {
        await unlessCode(["PoolNotFound"], () => management.poolOperations.beginDelete(group, account, pool));
      }),
  });
}

function openManagement({ credential }: Access, settings: FunctionSettings): BatchManagementClient {
  return new BatchManagementClient(credential, settings.AZURE_SUBSCRIPTION_ID, {
    endpoint: settings.AZURE_RESOURCE_MANAGER_URL,
    credentialScopes: ["https://management.azure.com/.default"],
  });
}

function openData(
  { credential, secrets }: Access,
  { BATCH_LOGIN, BATCH_ACCOUNT_NAME, BATCH_ACCOUNT_URL }: FunctionSettings,
): () => Promise<BatchServiceClient> {
  if (BATCH_LOGIN === "identity") {
    return once(() => new BatchServiceClient(toSigner(credential), BATCH_ACCOUNT_URL));
  }
  return fromSecrets(secrets, ["BatchAccountKey"], (values) => {
    const key = new BatchSharedKeyCredentials(BATCH_ACCOUNT_NAME, values.BatchAccountKey);
    return new BatchServiceClient(key, BATCH_ACCOUNT_URL);
  });
}

async function translated<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toBatchFailure(error);
  }
}

/** What is there from an earlier try of the same step is left as it is. */
async function startJob(
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
