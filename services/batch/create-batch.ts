import { BatchManagementClient } from "@azure/arm-batch";
import { BatchServiceClient, BatchSharedKeyCredentials } from "@azure/batch";
import { toJobId } from "../../model/ids.ts";
import type { FunctionSettings } from "../../model/settings.ts";
import type { Access } from "../access.ts";
import { fromSecrets } from "../from-secrets.ts";
import { once } from "../once.ts";
import { guard } from "../guard.ts";
import type { BatchPool, Compute } from "../services.ts";
import { toBatchFailure, unlessCode } from "./batch-errors.ts";
import { deleteJob } from "./delete-job.ts";
import { ensurePool } from "./ensure-pool.ts";
import { readOutputs } from "./read-outputs.ts";
import { readWorkers } from "./read-workers.ts";
import { startJob } from "./start-job.ts";
import { toSigner } from "./to-signer.ts";

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
    state: ({ jobId }) => translated(async () => readWorkers(await data(), settings, jobId)),
    outputs: (runId, round) => translatedItems(async () => readOutputs(await data(), toJobId(runId, round))),
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

async function* translatedItems<T>(open: () => Promise<AsyncIterable<T>>): AsyncGenerator<T> {
  try {
    yield* await open();
  } catch (error) {
    throw toBatchFailure(error);
  }
}

async function translated<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toBatchFailure(error);
  }
}
