import { hostname } from "node:os";
import { toFailure } from "../model/failures.ts";
import { WorkerSettings, parseSettings } from "../model/settings.ts";
import type { RunPlan } from "../model/run-document.ts";
import { createFiles } from "../services/blob/create-files.ts";
import { createEventSender } from "../services/event-hubs/send-events.ts";
import { createCredential } from "../services/identity/create-credential.ts";
import { createSecrets } from "../services/key-vault/create-secrets.ts";
import { createTargetReceiver } from "../services/service-bus/receive-targets.ts";
import type { Secrets } from "../services/services.ts";
import type { SqlAuth } from "./apply/sql/connect.ts";
import { exitCode } from "./exit-code.ts";
import { loadRun, patiently } from "./load-run.ts";
import { type WorkerLog, createWorkerLog } from "./log.ts";
import { run } from "./run.ts";
import type { Worker } from "./worker.ts";

/** The process on a node or pod: settings → services → run → exit code. The only place that builds services. */
async function main(): Promise<number> {
  const settings = readSettings();
  if (!settings) return exitCode.couldNotStart;
  const workerId = settings.WORKER_ID ?? `${hostname()}-${process.pid}`;
  const log = createWorkerLog({ level: settings.LOG_LEVEL, runId: settings.RUN_ID, workerId });
  try {
    return await run(await build(settings, workerId, log));
  } catch (error) {
    const failure = toFailure(error);
    log.couldNotStart(failure.code, failure);
    return exitCode.couldNotStart;
  }
}

function readSettings(): WorkerSettings | undefined {
  try {
    return parseSettings(WorkerSettings, process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

async function build(settings: WorkerSettings, workerId: string, log: WorkerLog): Promise<Worker> {
  const credential = createCredential(settings.AZURE_CLIENT_ID);
  const secrets = createSecrets({
    vaultUrl: settings.KEY_VAULT_URL,
    verifyChallenge: settings.KEY_VAULT_VERIFY_CHALLENGE,
    credential,
  });
  const kept = keepSecrets(secrets);
  const files = createFiles(kept, settings.STORAGE_BLOB_URL);
  const loaded = await loadRun(files, settings.RUN_ID);
  const token = async (): Promise<string> => (await credential.getToken(sqlScope))?.token ?? "";
  return {
    runId: settings.RUN_ID,
    workerId,
    run: loaded,
    auth: await readAuth(loaded.plan, kept, token),
    allowedServers: settings.SQL_SERVER_ALLOW_LIST,
    idleSeconds: settings.WORKER_IDLE_SECONDS,
    graceSeconds: settings.WORKER_GRACE_SECONDS,
    files,
    events: createEventSender(
      await kept.read("EventHubConnectionString"),
      settings.EVENT_HUB,
      (count, error) => {
        log.eventsDropped(count, error);
      },
    ),
    receiver: createTargetReceiver(
      await kept.read("ServiceBusTopicConnectionString"),
      settings.SERVICE_BUS_TOPIC,
      settings.RUN_ID,
    ),
    log,
    shutdown: listenForShutdown(),
  };
}

/** Entra's resource name of every Azure SQL database. */
const sqlScope = "https://database.windows.net/.default";

/** Each secret is read once per process: Key Vault allows few reads, and a fleet of workers starts at one time. */
function keepSecrets(secrets: Secrets): Pick<Secrets, "read"> {
  const values = new Map<string, Promise<string>>();
  return {
    read: (name) => {
      const value = values.get(name) ?? patiently(() => secrets.read(name));
      values.set(name, value);
      return value;
    },
  };
}

async function readAuth(
  plan: RunPlan,
  secrets: Pick<Secrets, "read">,
  token: () => Promise<string>,
): Promise<SqlAuth> {
  if (plan.auth.kind === "ManagedIdentity") return { kind: "ManagedIdentity", token };
  const [userName, password] = await Promise.all([secrets.read("UserName"), secrets.read("Password")]);
  return { kind: "Password", userName, password };
}

function listenForShutdown(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      controller.abort();
    });
  }
  return controller.signal;
}

// Closed connections linger in some SDKs; the work is done and reported, so they are not waited for.
process.exit(await main());
