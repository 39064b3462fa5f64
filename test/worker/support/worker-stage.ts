import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { type RunningEventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { systemClock } from "../../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../../local/service-bus/server.ts";
import { type RunId, toRunId, toSubscriptionName, toTargetId } from "../../../model/ids.ts";
import { EndedEvent, type TargetMessage, toMessageId } from "../../../model/messages.ts";
import type { PackageContent } from "../../../model/package/manifest.ts";
import type { DatabasePair } from "../../../model/package/script-database.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import { runFile, runsContainer, stateContainer, stateFile } from "../../../model/run-files.ts";
import type { TargetOutcome } from "../../../model/target.ts";
import { createEventSender } from "../../../services/event-hubs/send-events.ts";
import { createTargetReceiver } from "../../../services/service-bus/receive-targets.ts";
import { createWorkerLog } from "../../../worker/log.ts";
import { run } from "../../../worker/run.ts";
import type { Worker } from "../../../worker/worker.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";
import { type MemoryFiles, createMemoryFiles } from "./memory-files.ts";
import { runPlan } from "./run-plan.ts";
import { type SqlUnderTest, startSqlUnderTest } from "./sql-under-test.ts";

/** A run of one package over targets on the server under test, worked off by one worker to its end. */
interface StagedRun {
  readonly content: PackageContent;
  /** The pairs of each target. */
  readonly targets: readonly (readonly DatabasePair[])[];
  readonly plan?: Partial<RunPlan>;
  /** Of the subscription, ISO 8601; default 30 s. */
  readonly lockDuration?: string;
  readonly worker?: Partial<Worker>;
}

interface StagedEnd {
  readonly exitCode: number;
  /** In the order of the targets; undefined where none was recorded. */
  readonly outcomes: readonly (TargetOutcome | undefined)[];
  /** Deliveries of each target's message that came to an outcome: 1 is the first. */
  readonly deliveries: readonly (number | undefined)[];
  readonly logOf: (database: string) => string;
}

export interface WorkerStage {
  readonly bus: RunningServiceBus;
  readonly sql: SqlUnderTest;
  run(staged: StagedRun): Promise<StagedEnd>;
  stop(): Promise<void>;
}

const topic = "sqlfleet";

/** Service Bus, Event Hubs and a SQL Server; the run's files are in memory. */
export async function openWorkerStage(): Promise<WorkerStage> {
  const shared = { tls: await createTrustedCertificates(), sharedAccessKey: "a-key", clock: systemClock };
  const bus = await startServiceBus({ ...shared, topics: [{ name: topic }] });
  const hubs = await startEventHubs({ ...shared, hubs: [{ name: topic, partitions: 2 }] });
  const sql = await startSqlUnderTest();
  let runs = 0;
  return {
    bus,
    sql,
    run: async (staged) => {
      const runId = toRunId(new Date(), (runs += 1).toString(16).padStart(6, "0"));
      await publish(bus, { runId, server: sql.server, ...staged });
      const files = createMemoryFiles();
      const exitCode = await run(createWorker({ runId, files, bus, hubs, sql }, staged));
      return toEnd({ runId, files, server: sql.server }, exitCode, staged.targets.length);
    },
    stop: async () => {
      await sql.stop();
      await hubs.stop();
      await bus.stop();
    },
  };
}

async function publish(
  { connectionString }: RunningServiceBus,
  { runId, server, targets, lockDuration = "PT30S" }: StagedRun & { runId: RunId; server: string },
): Promise<void> {
  await new ServiceBusAdministrationClient(connectionString).createSubscription(
    topic,
    toSubscriptionName(runId),
    { lockDuration, defaultRuleOptions: { name: "run", filter: { correlationId: runId } } },
  );
  const client = new ServiceBusClient(connectionString);
  const sender = client.createSender(topic);
  await sender.sendMessages(
    targets.map((databases, index) => {
      const target = { id: toTargetId(index + 1), server, databases: [...databases] };
      const body: TargetMessage = { runId, bucket: 0, round: 1, target };
      return { body, correlationId: runId, messageId: toMessageId(body) };
    }),
  );
  await client.close();
}

interface Surroundings {
  readonly runId: RunId;
  readonly files: MemoryFiles;
  readonly bus: RunningServiceBus;
  readonly hubs: RunningEventHubs;
  readonly sql: SqlUnderTest;
}

function createWorker({ runId, files, bus, hubs, sql }: Surroundings, staged: StagedRun): Worker {
  const connection = { trustServerCertificate: sql.trustServerCertificate };
  const workerId = "worker-1";
  return {
    runId,
    workerId,
    run: { plan: runPlan({ connection, ...staged.plan }), content: staged.content },
    auth: sql.auth,
    allowedServers: ["*"],
    idleSeconds: 1,
    graceSeconds: 1,
    files,
    events: createEventSender(hubs.connectionString, topic, () => undefined),
    receiver: createTargetReceiver(bus.connectionString, topic, runId),
    log: createWorkerLog({ level: process.env["TEST_LOG_LEVEL"] ?? "silent", runId, workerId }),
    shutdown: new AbortController().signal,
    ...staged.worker,
  };
}

function toEnd(
  { runId, files, server }: { runId: RunId; files: MemoryFiles; server: string },
  exitCode: number,
  targets: number,
): StagedEnd {
  const results = Array.from({ length: targets }, (_, index) => {
    const text = files.textOf(stateContainer, stateFile.result(runId, 0, toTargetId(index + 1)));
    return text === undefined ? undefined : EndedEvent.parse(JSON.parse(text));
  });
  return {
    exitCode,
    outcomes: results.map((result) => result?.outcome),
    deliveries: results.map((result) => result?.position.delivery),
    logOf: (database) => files.textOf(runsContainer, runFile.log(runId, server, database)) ?? "",
  };
}
