import type { TokenCredential } from "@azure/core-auth";
import type { SharedSettings } from "../model/settings.ts";
import { createCredential } from "./identity/create-credential.ts";
import { createSecrets } from "./key-vault/create-secrets.ts";
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
