import type { TokenCredential } from "@azure/core-auth";
import type { SharedSettings, WorkerSettings } from "../model/settings.ts";
import type { Access } from "./access.ts";
import { createCredential } from "./identity/create-credential.ts";
import { createSecrets } from "./key-vault/create-secrets.ts";
import { createMountedSecrets } from "./key-vault/mounted-secrets.ts";
import type { Secrets } from "./services.ts";

/** The process's identity, and the vault it opens. Nothing is asked before it is needed. */
export function createAccess(settings: SharedSettings): {
  readonly credential: TokenCredential;
  readonly secrets: Secrets;
} {
  const credential = createCredential(settings);
  const secrets = createSecrets({
    vaultUrl: settings.KEY_VAULT_URL,
    verifyChallenge: settings.KEY_VAULT_VERIFY_CHALLENGE,
    credential,
  });
  return { credential, secrets };
}

/** A worker's: its secrets may be mounted, then it has no business with the vault. */
export function createWorkerAccess(settings: WorkerSettings): Access {
  const access = createAccess(settings);
  const { SECRETS_FOLDER: folder } = settings;
  return folder ? { ...access, secrets: createMountedSecrets(folder) } : access;
}
