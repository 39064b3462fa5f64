import type { FunctionSettings } from "../model/settings.ts";
import { createBatch, createBatchPool } from "./batch/create-batch.ts";
import { createFiles } from "./blob/create-files.ts";
import { createCallbacks } from "./callback/create-callbacks.ts";
import { createAccess } from "./create-access.ts";
import { createKubernetes } from "./kubernetes/create-kubernetes.ts";
import { createTopic } from "./service-bus/create-topic.ts";
import type { Services } from "./services.ts";
import { createAudit } from "./tables/create-audit.ts";
import { createProgress } from "./tables/create-progress.ts";
import { createRuns } from "./tables/create-runs.ts";

/** The Function App's services. Nothing is opened before it is used. */
export function createServices(settings: FunctionSettings): Services {
  const access = createAccess(settings);
  const account = settings.STORAGE_ACCOUNT_NAME;
  const tables = { account, url: settings.STORAGE_TABLE_URL };
  const { SERVICE_BUS_TOPIC: topic, SERVICE_BUS_NAMESPACE: namespace } = settings;
  return {
    secrets: access.secrets,
    files: createFiles(access, { account, url: settings.STORAGE_BLOB_URL }),
    audit: createAudit(access, tables),
    runs: createRuns(access, tables),
    progress: createProgress(access, tables),
    topic: createTopic(access, { topic, namespace }),
    batchPool: createBatchPool(access, settings),
    callbacks: createCallbacks({
      vaultUrl: settings.CALLBACK_KEY_VAULT_URL ?? settings.KEY_VAULT_URL,
      verifyChallenge: settings.KEY_VAULT_VERIFY_CHALLENGE,
      credential: access.credential,
      allowList: settings.CALLBACK_ALLOW_LIST,
    }),
    compute: {
      batch: createBatch(access, settings),
      kubernetes: createKubernetes(access.credential, settings),
    },
  };
}
