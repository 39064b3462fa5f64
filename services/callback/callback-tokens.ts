import type { TokenCredential } from "@azure/core-auth";
import { SecretClient } from "@azure/keyvault-secrets";
import { Failure } from "../../model/failures.ts";
import { RunId } from "../../model/ids.ts";

/** Not one of the documented names, and never listed with them: `PUT` and `GET /secrets` do not reach these. */
const prefix = "callback-";
/** How often a deletion is asked after, in milliseconds; the service takes a few seconds. */
const lookEvery = 500;

export interface CallbackTokens {
  keep(runId: RunId, token: string): Promise<void>;
  /** @throws SecretMissing */
  read(runId: RunId): Promise<string>;
  /** Fine when it is gone. */
  forget(runId: RunId): Promise<void>;
  /** Whose tokens there are. */
  list(): Promise<readonly RunId[]>;
}

interface Options {
  readonly vaultUrl: string;
  readonly verifyChallenge: boolean;
  readonly credential: TokenCredential;
}

/** Jobs' tokens in a Key Vault, one secret a run, `callback-{run id}`. Nothing is kept in this process. */
export function createCallbackTokens({ vaultUrl, verifyChallenge, credential }: Options): CallbackTokens {
  const client = new SecretClient(vaultUrl, credential, {
    disableChallengeResourceVerification: !verifyChallenge,
  });
  return {
    keep: async (runId, token) => {
      await translated(() =>
        client.setSecret(toName(runId), token, { contentType: "Azure DevOps job token" }),
      );
    },
    read: async (runId) => {
      const { value } = await translated(() => client.getSecret(toName(runId)));
      return value ?? "";
    },
    forget: (runId) => forget(client, toName(runId)),
    list: async () => {
      const found: RunId[] = [];
      for await (const { name } of client.listPropertiesOfSecrets()) {
        const runId = name.startsWith(prefix) ? RunId.safeParse(name.slice(prefix.length)) : undefined;
        if (runId?.success) found.push(runId.data);
      }
      return found;
    },
  };
}

const toName = (runId: RunId): string => `${prefix}${runId}`;

/** A deleted secret can be recovered until it is purged; a vault with purge protection keeps it for its days. */
async function forget(client: SecretClient, name: string): Promise<void> {
  await unless([404], async () => {
    const deletion = await translated(() => client.beginDeleteSecret(name, { intervalInMs: lookEvery }));
    await deletion.pollUntilDone();
  });
  await unless([403, 404, 409], () => client.purgeDeletedSecret(name));
}

async function unless(tolerated: readonly number[], act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!tolerated.includes(statusOf(error) ?? 0)) throw error;
  }
}

/** The vault's texts name the caller and the secret, never a value; what matters of them is the status. */
async function translated<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) throw new Failure("SecretMissing", "The job's token is not in the vault.");
    if (status === 403)
      throw new Failure("SecretForbidden", "The Key Vault refused the tokens of callbacks.");
    throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof Failure) return error.code === "SecretMissing" ? 404 : undefined;
  const { statusCode } = (error ?? {}) as { readonly statusCode?: number };
  return statusCode;
}
