import type { FunctionSettings } from "../model/settings.ts";
import { createBatch } from "./batch/create-batch.ts";
import { createFiles } from "./blob/create-files.ts";
import { createCredential } from "./identity/create-credential.ts";
import { createSecrets } from "./key-vault/create-secrets.ts";
import { createTopic } from "./service-bus/create-topic.ts";
import type { Services } from "./services.ts";
import { createProgress } from "./tables/create-progress.ts";
import { createRuns } from "./tables/create-runs.ts";

/** The Function App's services. Nothing is opened before it is used. */
export function createServices(settings: FunctionSettings): Services {
  const credential = createCredential(settings.AZURE_CLIENT_ID);
  const secrets = createSecrets({
    vaultUrl: settings.KEY_VAULT_URL,
    verifyChallenge: settings.KEY_VAULT_VERIFY_CHALLENGE,
    credential,
  });
  return {
    secrets,
    files: createFiles(secrets, settings.STORAGE_BLOB_URL),
    runs: createRuns(secrets, settings.STORAGE_TABLE_URL),
    progress: createProgress(secrets, settings.STORAGE_TABLE_URL),
    topic: createTopic(secrets, settings.SERVICE_BUS_TOPIC),
    compute: createBatch(secrets, credential, settings),
  };
}
