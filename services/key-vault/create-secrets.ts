import { SecretClient, type SecretProperties } from "@azure/keyvault-secrets";
import type { TokenCredential } from "@azure/core-auth";
import { Failure } from "../../model/failures.ts";
import { SecretName } from "../../model/secrets.ts";
import { guard } from "../guard.ts";
import type { Secrets, StoredSecret } from "../services.ts";
import { toDeleted, toSecretFailure } from "./to-secret-failure.ts";

/** Key Vault allows 4,000 reads per vault in 10 s: a value is kept this long, in milliseconds. */
const keepFor = 60_000;

interface Options {
  readonly vaultUrl: string;
  readonly verifyChallenge: boolean;
  readonly credential: TokenCredential;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Secrets in Azure Key Vault. A write is seen at once by this process, within a minute by others. */
export function createSecrets({ vaultUrl, verifyChallenge, credential, now = Date.now }: Options): Secrets {
  const client = new SecretClient(vaultUrl, credential, {
    disableChallengeResourceVerification: !verifyChallenge,
  });
  const kept = new Map<SecretName, { readonly value: string; readonly until: number }>();

  return guard("Key Vault", {
    read: async (name: SecretName) => {
      const known = kept.get(name);
      if (known && known.until > now()) return known.value;
      const value = await readValue(client, name);
      kept.set(name, { value, until: now() + keepFor });
      return value;
    },
    write: async (name: SecretName, value: string) => {
      const { properties } = await translated(name, () => client.setSecret(name, value));
      kept.delete(name);
      return toStoredSecret(name, properties);
    },
    list: async () => {
      const found = await Promise.all(
        SecretName.options.map((name) => translated(name, () => readNewest(client, name))),
      );
      return found.filter((secret) => secret !== undefined);
    },
  });
}

async function readValue(client: SecretClient, name: SecretName): Promise<string> {
  const { value, properties } = await translated(name, () => client.getSecret(name)).catch((error: unknown) =>
    tellDeleted(client, name, error),
  );
  checkDates(name, properties);
  // An empty value can be stored by other means than ours, and opens nothing.
  if (!value) throw new Failure("SecretMissing", `The secret ${name} has no value.`);
  return value;
}

/** To a reader a deleted secret is missing; whoever may see the deleted ones is told. */
async function tellDeleted(client: SecretClient, name: SecretName, failure: unknown): Promise<never> {
  if (!(failure instanceof Failure) || failure.code !== "SecretMissing") throw failure;
  const deleted = await client.getDeletedSecret(name).catch(() => undefined);
  throw deleted ? toDeleted(name, failure) : failure;
}

/** The vault gives a value whatever its dates say: they inform, and this is who heeds them. */
function checkDates(name: SecretName, { expiresOn, notBefore }: SecretProperties): void {
  const now = new Date();
  if (expiresOn && expiresOn <= now) {
    throw new Failure("SecretExpired", `${name} expired on ${expiresOn.toISOString()}.`);
  }
  if (notBefore && notBefore > now) {
    throw new Failure("SecretExpired", `${name} is not to be used before ${notBefore.toISOString()}.`);
  }
}

async function translated<T>(name: SecretName, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toSecretFailure(name, error) as Error;
  }
}

async function readNewest(client: SecretClient, name: SecretName): Promise<StoredSecret | undefined> {
  let newest: SecretProperties | undefined;
  for await (const properties of client.listPropertiesOfSecretVersions(name)) {
    // Versions made within one second have the same time; the service lists the newer one later.
    if ((properties.createdOn ?? 0) >= (newest?.createdOn ?? 0)) newest = properties;
  }
  return newest && toStoredSecret(name, newest);
}

function toStoredSecret(name: SecretName, { version, updatedOn }: SecretProperties): StoredSecret {
  return { name, version: version ?? "", updatedAt: (updatedOn ?? new Date(0)).toISOString() };
}
