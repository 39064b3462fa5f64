import { randomBytes } from "node:crypto";
import { vi } from "vitest";
import { type RunningEventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { systemClock } from "../../../local/part.ts";
import type { FaultEffect, FaultFacts } from "../../../local/sql-server/tds/faults.ts";
import { type RunId, toRunId, toSubscriptionName, toTargetId } from "../../../model/ids.ts";
import { EndedEvent } from "../../../model/messages.ts";
import { toLooseScript } from "../../../model/package/loose-script.ts";
import { toPackageContent } from "../../../model/package/to-package-content.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import { stateContainer, stateFile } from "../../../model/run-files.ts";
import { createEventSender, type EventSender } from "../../../services/event-hubs/send-events.ts";
import { createTargetReceiver } from "../../../services/service-bus/receive-targets.ts";
import type { Services } from "../../../services/services.ts";
import { createWorkerLog } from "../../../worker/log.ts";
import type { Worker } from "../../../worker/worker.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";
import { type StandIns, startStandIns } from "../../support/stand-ins.ts";
import { runPlan } from "../../worker/support/run-plan.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../../worker/support/sql-under-test.ts";

/** Stand-ins shared by all points of a sweep; each point has a run, a subscription and a database of its own. */
export interface CrashBench {
  /** A run over one new database, its target enqueued. */
  newRun(plan?: Partial<RunPlan>): Promise<BenchRun>;
  stop(): Promise<void>;
}

export interface BenchRun {
  readonly database: string;
  readonly sql: SqlUnderTest;
  newWorker(name: string): Worker;
  /** Makes the next request with this text go wrong, once. */
  strike(text: string, effect: FaultEffect): void;
  /** Ends every lock of the run, as if its time were up. */
  dropLocks(): void;
  /** Waits for the target's result record, and until no message is left. */
  untilDone(): Promise<void>;
  readRecord(): Promise<EndedEvent | undefined>;
  /** Rows the script inserted: one for each execution that was committed. */
  countRows(): Promise<unknown>;
}

/** Two, so that a run of one transaction per script can end between them. */
const scripts = [
  toLooseScript("1.sql", "UPDATE dbo.Effect SET Id = 1 WHERE 1 = 0;"),
  toLooseScript("2.sql", "INSERT INTO dbo.Effect (Id) VALUES (1);"),
];
/** A frozen worker has no slot free: it does not take its own message once more. */
const oneAtATime = { concurrency: { type: "Count", limit: 1 } } as const;
const target = toTargetId(1);

export async function startCrashBench(): Promise<CrashBench> {
  const standIns = await startStandIns({ storage: true, serviceBus: true });
  const tls = await createTrustedCertificates();
  const hubs = await startEventHubs({
    tls,
    hubs: [{ name: "sqlfleet", partitions: 2 }],
    sharedAccessKey: "a-key",
    clock: systemClock,
  });
  const sql = await startSqlUnderTest();
  const services = standIns.newServices();
  const senders: EventSender[] = [];
  return {
    newRun: (plan = {}) =>
      createRun({ standIns, services, hubs, sql, senders }, runPlan({ ...oneAtATime, ...plan })),
    stop: async () => {
      // Not while they begin: the SDK throws from a timer when it is closed during its first handshake.
      await Promise.all(senders.map((sender) => sender.close(0)));
      await sql.stop();
      await hubs.stop();
      await standIns.stop();
    },
  };
}

interface Parts {
  readonly standIns: StandIns;
  readonly services: Services;
  readonly hubs: RunningEventHubs;
  readonly sql: SqlUnderTest;
  readonly senders: EventSender[];
}

async function createRun(parts: Parts, plan: RunPlan): Promise<BenchRun> {
  const { standIns, services, sql } = parts;
  const runId = toRunId(new Date(), randomBytes(3).toString("hex"));
  const database = await sql.createDatabase("CREATE TABLE dbo.Effect (Id int NOT NULL);");
  await services.topic.subscribe(runId);
  const databases = [{ default: "", override: database }];
  await services.topic.send([
    { runId, bucket: 0, round: 1, target: { id: target, server: sql.server, databases } },
  ]);
  const path = stateFile.result(runId, 0, target);
  const readRecord = async (): Promise<EndedEvent | undefined> => {
    const bytes = await services.files.read(stateContainer, path);
    return bytes && EndedEvent.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  };
  return {
    ...{ database, sql, readRecord },
    newWorker: (name) => createWorker(parts, plan, runId, name),
    strike: (text, effect) => {
      const matches = (facts: FaultFacts): boolean =>
        facts.database === database && facts.text.includes(text);
      sql.standIn?.faults.add({ stage: "request", matches, effect });
    },
    dropLocks: () => {
      standIns.serviceBus().faults.dropLocks(`sqlfleet/Subscriptions/${toSubscriptionName(runId)}`);
    },
    untilDone: () =>
      vi.waitFor(
        async () => {
          if ((await readRecord()) === undefined) throw new Error("There is no result record.");
          const waiting = await services.topic.waiting(runId);
          if (waiting > 0) throw new Error(`${waiting} messages are left.`);
        },
        { timeout: 20_000, interval: 200 },
      ),
    countRows: async () => (await sql.query(database, "SELECT COUNT(*) AS N FROM dbo.Effect"))[0]?.["N"],
  };
}

function createWorker(parts: Parts, plan: RunPlan, runId: RunId, workerId: string): Worker {
  const { standIns, services, hubs, sql } = parts;
  const events = createEventSender(hubs.connectionString, "sqlfleet", () => undefined);
  parts.senders.push(events);
  return {
    ...{ runId, workerId, auth: sql.auth, allowedServers: ["*"], idleSeconds: 600, graceSeconds: 20 },
    run: { plan, content: toPackageContent("zip", scripts) },
    files: services.files,
    events,
    receiver: createTargetReceiver(standIns.serviceBus().connectionString, "sqlfleet", runId),
    log: createWorkerLog({ level: process.env["TEST_LOG_LEVEL"] ?? "silent", runId, workerId }),
    shutdown: new AbortController().signal,
  };
}
