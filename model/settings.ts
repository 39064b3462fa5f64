import { z } from "zod";
import { RunId } from "./ids.ts";

const list = z.string().transform((text) =>
  text
    .split(/[,;\s]+/)
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const seconds = (standard: number): z.ZodType<number> => z.coerce.number().int().min(1).default(standard);

/** What the Function App and its workers both need to find the services. None of it is secret. */
const shared = {
  /** `https://{vault}.vault.azure.net` */
  KEY_VAULT_URL: z.url(),
  /** Off only where the vault's host name is not under the domain its challenge names (a gateway, a proxy). */
  KEY_VAULT_VERIFY_CHALLENGE: flag.default(true),
  /** Client id of the user-assigned managed identity; without it Azure may answer with another identity. */
  AZURE_CLIENT_ID: z.string().optional(),
  /** Absent: `https://{StorageAccountName}.blob.core.windows.net`. */
  STORAGE_BLOB_URL: z.url().optional(),
  SERVICE_BUS_TOPIC: z.string().default("sqlfleet"),
  EVENT_HUB: z.string().default("sqlfleet"),
  /** Host names the fleet's password may be sent to; `*` stands for any part. */
  SQL_SERVER_ALLOW_LIST: list.default(["*.database.windows.net"]),
  /** How long a worker with nothing to do waits before it exits; longer than a message's lock. */
  WORKER_IDLE_SECONDS: seconds(90),
  /** How long targets in flight may go on after SIGTERM or a cancel before they are rolled back. */
  WORKER_GRACE_SECONDS: seconds(30),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
};

export const FunctionSettings = z.object({
  ...shared,
  /** Absent: `https://{StorageAccountName}.table.core.windows.net`. */
  STORAGE_TABLE_URL: z.url().optional(),
  AZURE_SUBSCRIPTION_ID: z.string().default(""),
  AZURE_RESOURCE_GROUP: z.string().default(""),
  AZURE_RESOURCE_MANAGER_URL: z.url().default("https://management.azure.com"),
  BATCH_ACCOUNT_NAME: z.string().default(""),
  /** `https://{account}.{region}.batch.azure.com` */
  BATCH_ACCOUNT_URL: z.string().default(""),
  BATCH_POOL_ID: z.string().default("sqlfleet"),
  BATCH_VM_SIZE: z.string().default("Standard_D2s_v5"),
  /** Image of the worker, `registry/repository:tag`; absent: the nodes bring the worker themselves. */
  WORKER_IMAGE: z.string().optional(),
  /** Started on each node, split at spaces, without a shell. */
  WORKER_COMMAND: z.string().default("node /app/worker/main.js"),
  /** Resource id of the user-assigned identity the nodes get. */
  WORKER_IDENTITY_ID: z.string().default(""),
  WORKER_IDENTITY_CLIENT_ID: z.string().default(""),
});
export type FunctionSettings = z.infer<typeof FunctionSettings>;

export const WorkerSettings = z.object({
  ...shared,
  RUN_ID: RunId,
  /** Names this worker in events and reports; absent: the host's name and process id. */
  WORKER_ID: z.string().optional(),
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
    AZURE_CLIENT_ID: settings.WORKER_IDENTITY_CLIENT_ID,
    ...(settings.STORAGE_BLOB_URL && { STORAGE_BLOB_URL: settings.STORAGE_BLOB_URL }),
    SERVICE_BUS_TOPIC: settings.SERVICE_BUS_TOPIC,
    EVENT_HUB: settings.EVENT_HUB,
    SQL_SERVER_ALLOW_LIST: settings.SQL_SERVER_ALLOW_LIST.join(","),
    WORKER_IDLE_SECONDS: String(settings.WORKER_IDLE_SECONDS),
    WORKER_GRACE_SECONDS: String(settings.WORKER_GRACE_SECONDS),
    LOG_LEVEL: settings.LOG_LEVEL,
  };
}
