import { z } from "zod";
import { batchSettings, checkBatchSettings } from "./batch-settings.ts";
import { IdentityKind, identitySettings } from "./identity.ts";
import { checkKubernetesSettings, kubernetesSettings } from "./kubernetes-settings.ts";
import { RunId } from "./ids.ts";

const list = z.string().transform((text) =>
  text
    .split(/[,;\s]+/)
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const seconds = (standard: number): z.ZodType<number> => z.coerce.number().int().min(1).default(standard);

/** What the Function App and its workers both need to find the services. No secret but AZURE_CLIENT_SECRET. */
const shared = {
  /** `https://{vault}.vault.azure.net` */
  KEY_VAULT_URL: z.url(),
  /** Off only where the vault's host name is not under the domain its challenge names (a gateway, a proxy). */
  KEY_VAULT_VERIFY_CHALLENGE: flag.default(true),
  ...identitySettings,
  /** The account, opened with the process's identity. Absent: with StorageAccountName and StorageAccountKey. */
  STORAGE_ACCOUNT_NAME: z.string().optional(),
  /** `{name}.servicebus.windows.net`, opened by identity. Absent: with ServiceBusTopicConnectionString. */
  SERVICE_BUS_NAMESPACE: z.string().optional(),
  /** `{name}.servicebus.windows.net`, opened by identity. Absent: with EventHubConnectionString. */
  EVENT_HUBS_NAMESPACE: z.string().optional(),
  /** Absent: `https://{account}.blob.core.windows.net`. */
  STORAGE_BLOB_URL: z.url().optional(),
  SERVICE_BUS_TOPIC: z.string().default("sqlfleet"),
  EVENT_HUB: z.string().default("sqlfleet"),
  /** Host names the fleet's password may be sent to; `*` stands for any part. */
  SQL_SERVER_ALLOW_LIST: list.default(["*.database.windows.net"]),
  /** How long a worker with nothing to do waits before it exits; longer than a message's lock. */
  WORKER_IDLE_SECONDS: seconds(90),
  /** How long targets in flight may go on after SIGTERM or a cancel before they are rolled back. */
  WORKER_GRACE_SECONDS: seconds(30),
  /** How long a worker waits for a role that was assigned and does not work yet. Azure: up to 15 minutes. */
  ROLE_PROPAGATION_SECONDS: seconds(900),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
};

/** Calls in a minute, of one caller, to one instance of the Function App. */
const perMinute = (standard: number): z.ZodType<number> => z.coerce.number().int().min(1).default(standard);

/** What every HTTP call is measured by. All have a default. */
export const CallerSettings = z.object({
  /** Calls that look; a pipeline polls 30 times a minute. */
  RATE_LIMIT_READS: perMinute(6_000),
  /** Calls of operators and admins. */
  RATE_LIMIT_ACTIONS: perMinute(600),
  /**
   * Operators need the app roles sqlfleet.operate or sqlfleet.admin, besides a function key. Only with App Service
   * authentication on: without it a caller could make up who they are.
   */
  REQUIRE_APP_ROLES: flag.default(false),
});
export type CallerSettings = z.infer<typeof CallerSettings>;

const functionSettings = z.object({
  ...shared,
  ...CallerSettings.shape,
  /** Addresses of Azure DevOps that a server job's token may be sent to; `*.` stands for any part of a host name. */
  CALLBACK_ALLOW_LIST: list.default(["https://dev.azure.com/", "https://*.visualstudio.com/"]),
  /** Vault for the tokens of waiting jobs, which workers have no business in. Absent: KEY_VAULT_URL. */
  CALLBACK_KEY_VAULT_URL: z.url().optional(),
  ...batchSettings,
  ...kubernetesSettings,
  /** Absent: `https://{account}.table.core.windows.net`. */
  STORAGE_TABLE_URL: z.url().optional(),
  AZURE_SUBSCRIPTION_ID: z.string().default(""),
  AZURE_RESOURCE_GROUP: z.string().default(""),
  AZURE_RESOURCE_MANAGER_URL: z.url().default("https://management.azure.com"),
  /** Resource id of the user-assigned identity the nodes get. */
  WORKER_IDENTITY_ID: z.string().default(""),
  WORKER_IDENTITY_CLIENT_ID: z.string().default(""),
  /** AZURE_IDENTITY of the workers; absent: by what they find. A secret cannot be given to a node. */
  WORKER_IDENTITY: IdentityKind.extract(["managed", "workload", "certificate"]).optional(),
  /** AZURE_CLIENT_CERTIFICATE_THUMBPRINT of the workers. */
  WORKER_CERTIFICATE_THUMBPRINT: z.string().optional(),
});
export const FunctionSettings = functionSettings
  .superRefine(checkBatchSettings)
  .superRefine(checkKubernetesSettings);
export type FunctionSettings = z.infer<typeof FunctionSettings>;

export const WorkerSettings = z.object({
  ...shared,
  RUN_ID: RunId,
  /** Names this worker in events and reports; absent: the host's name and process id. */
  WORKER_ID: z.string().optional(),
  /** Where secrets are mounted, one file each; absent: they are read from the Key Vault. */
  SECRETS_FOLDER: z.string().optional(),
});
export type WorkerSettings = z.infer<typeof WorkerSettings>;

export type SharedSettings = Pick<FunctionSettings, keyof typeof shared>;

/**
 * Reads settings once, at an entry point.
 * @throws Error naming every setting that is missing or wrong.
 */
export function parseSettings<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv): T {
  const settings = schema.safeParse(env);
  if (settings.success) return settings.data;
  const lines = settings.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`Settings are missing or wrong. ${lines.join("; ")}`);
}

/** The settings a node's worker is started with: what the Function App knows, without its own identity. */
export function toWorkerEnvironment(
  settings: FunctionSettings,
  runId: RunId,
): Readonly<Record<string, string>> {
  return {
    RUN_ID: runId,
    KEY_VAULT_URL: settings.KEY_VAULT_URL,
    KEY_VAULT_VERIFY_CHALLENGE: String(settings.KEY_VAULT_VERIFY_CHALLENGE),
    ...toWorkerIdentity(settings),
    ...given({
      STORAGE_ACCOUNT_NAME: settings.STORAGE_ACCOUNT_NAME,
      STORAGE_BLOB_URL: settings.STORAGE_BLOB_URL,
      SERVICE_BUS_NAMESPACE: settings.SERVICE_BUS_NAMESPACE,
      EVENT_HUBS_NAMESPACE: settings.EVENT_HUBS_NAMESPACE,
    }),
    SERVICE_BUS_TOPIC: settings.SERVICE_BUS_TOPIC,
    EVENT_HUB: settings.EVENT_HUB,
    SQL_SERVER_ALLOW_LIST: settings.SQL_SERVER_ALLOW_LIST.join(","),
    WORKER_IDLE_SECONDS: String(settings.WORKER_IDLE_SECONDS),
    WORKER_GRACE_SECONDS: String(settings.WORKER_GRACE_SECONDS),
    ROLE_PROPAGATION_SECONDS: String(settings.ROLE_PROPAGATION_SECONDS),
    LOG_LEVEL: settings.LOG_LEVEL,
  };
}

/** A worker's identity is its own; tenant and authority matter to it only when it shows a certificate. */
function toWorkerIdentity(settings: FunctionSettings): Readonly<Record<string, string>> {
  const thumbprint = settings.WORKER_CERTIFICATE_THUMBPRINT;
  return {
    AZURE_CLIENT_ID: settings.WORKER_IDENTITY_CLIENT_ID,
    ...given({ AZURE_IDENTITY: settings.WORKER_IDENTITY }),
    ...(thumbprint && {
      AZURE_CLIENT_CERTIFICATE_THUMBPRINT: thumbprint,
      AZURE_DISABLE_INSTANCE_DISCOVERY: String(settings.AZURE_DISABLE_INSTANCE_DISCOVERY),
      ...given({
        AZURE_TENANT_ID: settings.AZURE_TENANT_ID,
        AZURE_AUTHORITY_HOST: settings.AZURE_AUTHORITY_HOST,
      }),
    }),
  };
}

function given(settings: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
