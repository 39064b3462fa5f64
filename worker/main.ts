import { hostname } from "node:os";
import { toSlots } from "../model/concurrency.ts";
import { type Failure, toFailure } from "../model/failures.ts";
import { WorkerSettings, parseSettings } from "../model/settings.ts";
import { exitCode } from "../model/worker-exit.ts";
import type { RunPlan } from "../model/run-document.ts";
import type { Access, Namespace } from "../services/access.ts";
import { createFiles } from "../services/blob/create-files.ts";
import { createWorkerAccess } from "../services/create-access.ts";
import { createEventSender } from "../services/event-hubs/send-events.ts";
import { type Patience, patiently } from "../services/patiently.ts";
import { createTargetReceiver } from "../services/service-bus/receive-targets.ts";
import type { Files, Secrets } from "../services/services.ts";
import type { SqlAuth } from "./apply/sql/connect.ts";
import { limitHeapGrowth } from "./limit-heap-growth.ts";
import { listenForEnd } from "./listen-for-end.ts";
import { loadRun } from "./load-run.ts";
import { type WorkerLog, createWorkerLog } from "./log.ts";
import { run } from "./run.ts";
import { tellStartFailure } from "./tell-start-failure.ts";
import type { Worker } from "./worker.ts";

/** The process on a node or pod: settings → services → run → exit code. The only place that builds services. */
async function main(): Promise<number> {
  limitHeapGrowth();
  const settings = readSettings();
  if (!settings) return exitCode.couldNotStart;
  const workerId = settings.WORKER_ID ?? `${hostname()}-${process.pid}`;
  const log = createWorkerLog({ level: settings.LOG_LEVEL, runId: settings.RUN_ID, workerId });
  const end = listenForEnd(log);
  const outside = openOutside(settings, log);
  try {
    const code = await run(await build(settings, outside, { workerId, log, shutdown: end.shutdown }));
    return end.isBroken() ? exitCode.broken : code;
  } catch (error) {
    const failure = toFailure(error);
    log.couldNotStart(failure.code, failure);
    await tellStartFailure(outside.files, { runId: settings.RUN_ID, workerId }, failure);
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

/** What everything else is opened with. Nothing is asked before it is needed. */
interface Outside extends Access {
  readonly files: Files;
  readonly patience: Patience;
}

function openOutside(settings: WorkerSettings, log: WorkerLog): Outside {
  const { credential, secrets } = createWorkerAccess(settings);
  const patience = {
    forRoles: settings.ROLE_PROPAGATION_SECONDS * 1_000,
    onWait: (failure: Failure, milliseconds: number) => {
      log.waiting(failure, milliseconds);
    },
  };
  const access = { credential, secrets: keepSecrets(secrets, patience) };
  const address = { account: settings.STORAGE_ACCOUNT_NAME, url: settings.STORAGE_BLOB_URL };
  return { ...access, patience, files: createFiles(access, address) };
}

async function build(
  settings: WorkerSettings,
  { credential, secrets: kept, files, patience }: Outside,
  process: Pick<Worker, "workerId" | "log" | "shutdown">,
): Promise<Worker> {
  const { log } = process;
  const loaded = await loadRun(files, settings.RUN_ID, patience);
  const token = async (): Promise<string> =>
    (await patiently(() => credential.getToken(sqlScope), patience))?.token ?? "";
  return {
    ...process,
    runId: settings.RUN_ID,
    run: loaded,
    auth: await readAuth(loaded.plan, kept, token),
    allowedServers: settings.SQL_SERVER_ALLOW_LIST,
    idleSeconds: settings.WORKER_IDLE_SECONDS,
    graceSeconds: settings.WORKER_GRACE_SECONDS,
    files,
    events: createEventSender(
      toNamespace(settings.EVENT_HUBS_NAMESPACE, credential) ?? (await kept.read("EventHubConnectionString")),
      settings.EVENT_HUB,
      (count, error) => {
        log.eventsDropped(count, error);
      },
    ),
    receiver: createTargetReceiver(
      toNamespace(settings.SERVICE_BUS_NAMESPACE, credential) ??
        (await kept.read("ServiceBusTopicConnectionString")),
      settings.SERVICE_BUS_TOPIC,
      settings.RUN_ID,
      toSlots(loaded.plan.concurrency).perSession,
    ),
  };
}

/** Opened by identity, where the settings name it. */
function toNamespace(host: string | undefined, credential: Access["credential"]): Namespace | undefined {
  return host ? { host, credential } : undefined;
}

/** Entra's resource name of every Azure SQL database. */
const sqlScope = "https://database.windows.net/.default";

/**
 * Each secret is read once per process: Key Vault allows few reads, and a fleet of workers starts at one time. What is
 * rotated while the worker runs does not reach it: user name and password stay those of one moment.
 */
function keepSecrets(secrets: Pick<Secrets, "read">, patience: Patience): Pick<Secrets, "read"> {
  const values = new Map<string, Promise<string>>();
  return {
    read: (name) => {
      const value = values.get(name) ?? patiently(() => secrets.read(name), patience);
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

// Closed connections linger in some SDKs; the work is done and reported, so they are not waited for.
process.exit(await main());
