import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type RunningEventHubs, startEventHubs } from "../../local/event-hubs/server.ts";
import { systemClock } from "../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../local/service-bus/server.ts";
import { type RunId, toRunId, toSubscriptionName, toTargetId } from "../../model/ids.ts";
import { EndedEvent, type RunControl, type TargetMessage, toMessageId } from "../../model/messages.ts";
import { toLooseScript } from "../../model/package/loose-script.ts";
import { toPackageContent } from "../../model/package/to-package-content.ts";
import { runFile, runsContainer, stateContainer, stateFile } from "../../model/run-files.ts";
import { createEventSender } from "../../services/event-hubs/send-events.ts";
import { createTargetReceiver } from "../../services/service-bus/receive-targets.ts";
import { createWorkerLog } from "../../worker/log.ts";
import { run } from "../../worker/run.ts";
import type { Worker } from "../../worker/worker.ts";
import { createTrustedCertificates } from "../local/trusted-certificates.ts";
import { type MemoryFiles, createMemoryFiles } from "./support/memory-files.ts";
import { runPlan } from "./support/run-plan.ts";
import { type SqlUnderTest, startSqlUnderTest } from "./support/sql-under-test.ts";
import { untilLocked } from "./support/until-locked.ts";

let bus: RunningServiceBus;
let hubs: RunningEventHubs;
let sql: SqlUnderTest;
let client: ServiceBusClient;
let runs = 0;

beforeAll(async () => {
  const tls = await createTrustedCertificates();
  const shared = { tls, sharedAccessKey: "a-key", clock: systemClock };
  bus = await startServiceBus({ ...shared, topics: [{ name: "sqlfleet" }] });
  hubs = await startEventHubs({ ...shared, hubs: [{ name: "sqlfleet", partitions: 2 }] });
  sql = await startSqlUnderTest();
  client = new ServiceBusClient(bus.connectionString);
});

afterEach(() => {
  bus.faults.clear();
});

afterAll(async () => {
  await client.close();
  await sql.stop();
  await hubs.stop();
  await bus.stop();
});

const setup = "CREATE TABLE dbo.Effect (Id int NOT NULL);";
const insert = "INSERT INTO dbo.Effect (Id) VALUES (1);";

interface Fleet {
  readonly runId: RunId;
  readonly files: MemoryFiles;
  readonly databases: readonly string[];
}

/** A run with one target per database, enqueued; the worker is not started yet. */
async function createFleet(databases: number): Promise<Fleet> {
  const runId = toRunId(new Date(), (runs += 1).toString(16).padStart(6, "0"));
  const admin = new ServiceBusAdministrationClient(bus.connectionString);
  await admin.createSubscription("sqlfleet", toSubscriptionName(runId), {
    lockDuration: "PT30S",
    defaultRuleOptions: { name: "run", filter: { correlationId: runId } },
  });
  const names: string[] = [];
  for (let place = 1; place <= databases; place += 1) names.push(await sql.createDatabase(setup));
  const sender = client.createSender("sqlfleet");
  await sender.sendMessages(
    names.map((override, index) => {
      const target = {
        id: toTargetId(index + 1),
        server: sql.server,
        databases: [{ default: "", override }],
      };
      const body: TargetMessage = { runId, bucket: 0, round: 1, target };
      return { body, correlationId: runId, messageId: toMessageId(body) };
    }),
  );
  await sender.close();
  const files = createMemoryFiles();
  return { runId, files, databases: names };
}

function createWorker({ runId, files }: Fleet, text: string, more: Partial<Worker> = {}): Worker {
  return {
    runId,
    workerId: "worker-1",
    run: { plan: runPlan(), content: toPackageContent("zip", [toLooseScript("a.sql", text)]) },
    auth: sql.auth,
    allowedServers: ["*"],
    idleSeconds: 1,
    graceSeconds: 1,
    files,
    events: createEventSender(hubs.connectionString, "sqlfleet", vi.fn()),
    receiver: createTargetReceiver(bus.connectionString, "sqlfleet", runId),
    log: createWorkerLog({ level: process.env["TEST_LOG_LEVEL"] ?? "silent", runId, workerId: "worker-1" }),
    shutdown: new AbortController().signal,
    ...more,
  };
}

function order({ files, runId }: Fleet, control: RunControl["order"]): Promise<void> {
  return files.write(stateContainer, stateFile.control(runId), JSON.stringify({ order: control }));
}

function resultOf({ files, runId }: Fleet, place: number): EndedEvent | undefined {
  const text = files.textOf(stateContainer, stateFile.result(runId, 0, toTargetId(place)));
  return text === undefined ? undefined : EndedEvent.parse(JSON.parse(text));
}

async function count(database: string): Promise<unknown> {
  return (await sql.query(database, "SELECT COUNT(*) AS N FROM dbo.Effect"))[0]?.["N"];
}

describe("a worker", () => {
  it("works off its subscription, leaves records and logs, and goes when idle", async () => {
    const fleet = await createFleet(6);
    expect(await run(createWorker(fleet, insert))).toBe(0);
    for (const [index, database] of fleet.databases.entries()) {
      expect(await count(database)).toBe(1);
      expect(resultOf(fleet, index + 1)?.outcome.state).toBe("committed");
      expect(fleet.files.textOf(runsContainer, runFile.log(fleet.runId, sql.server, database))).toContain(
        "Ended: committed",
      );
    }
  });

  it("goes at once when the run is settled", async () => {
    const fleet = await createFleet(1);
    const ended = run(createWorker(fleet, insert, { idleSeconds: 600 }));
    await vi.waitFor(() => {
      expect(resultOf(fleet, 1)).toBeDefined();
    });
    await order(fleet, "settled");
    const before = performance.now();
    expect(await ended).toBe(0);
    expect(performance.now() - before).toBeLessThan(2_500);
  });

  it("says that some failed", async () => {
    const fleet = await createFleet(1);
    expect(await run(createWorker(fleet, "SELECT * FROM dbo.NotThere"))).toBe(1);
    expect(resultOf(fleet, 1)?.outcome).toMatchObject({ state: "rolledBack", error: { number: 208 } });
  });

  it("rolls back what runs past the grace time of a cancel, and says so", async () => {
    const fleet = await createFleet(1);
    const ended = run(createWorker(fleet, `${insert}\nWAITFOR DELAY '00:00:30'`));
    await untilLocked(sql, fleet.databases[0]!);
    await order(fleet, "stop");
    expect(await ended).toBe(3);
    expect(resultOf(fleet, 1)?.outcome).toMatchObject({
      state: "rolledBack",
      error: { code: "RunCancelled" },
    });
    expect(await count(fleet.databases[0]!)).toBe(0);
  });

  it("starts nothing when the order is to stop", async () => {
    const fleet = await createFleet(3);
    await order(fleet, "stop");
    expect(await run(createWorker(fleet, insert))).toBe(3);
    for (const database of fleet.databases) expect(await count(database)).toBe(0);
  });

  it("leaves what SIGTERM cuts short to the next worker", async () => {
    const fleet = await createFleet(1);
    const shutdown = new AbortController();
    const ended = run(
      createWorker(fleet, `${insert}\nWAITFOR DELAY '00:00:30'`, { shutdown: shutdown.signal }),
    );
    await untilLocked(sql, fleet.databases[0]!);
    shutdown.abort();
    expect(await ended).toBe(5);
    expect(resultOf(fleet, 1)).toBeUndefined();
    expect(await count(fleet.databases[0]!)).toBe(0);

    expect(await run(createWorker(fleet, insert))).toBe(0);
    expect(resultOf(fleet, 1)).toMatchObject({
      position: { delivery: 2 },
      outcome: { state: "committed", attempts: 2 },
    });
    expect(await count(fleet.databases[0]!)).toBe(1);
  });

  it("keeps a message that cannot be read in the report, and in the dead-letter queue", async () => {
    const fleet = await createFleet(1);
    const sender = client.createSender("sqlfleet");
    const applicationProperties = { runId: fleet.runId, targetId: toTargetId(2), bucket: 0, round: 1 };
    await sender.sendMessages({
      body: { nonsense: true },
      correlationId: fleet.runId,
      applicationProperties,
    });
    await sender.close();
    expect(await run(createWorker(fleet, insert))).toBe(1);
    expect(resultOf(fleet, 1)).toMatchObject({ outcome: { state: "committed" } });
    expect(resultOf(fleet, 2)).toMatchObject({
      outcome: { state: "failed", error: { code: "PoisonMessage" } },
    });
    const dead = client.createReceiver("sqlfleet", toSubscriptionName(fleet.runId), {
      subQueueType: "deadLetter",
    });
    const [message] = await dead.receiveMessages(1);
    expect(message?.deadLetterReason).toBe("PoisonMessage");
    await dead.close();
  });

  it("applies once though every message comes twice and completing is cut", async () => {
    const fleet = await createFleet(3);
    bus.faults.duplicateDeliveries({ times: 3 });
    bus.faults.cutSettlements({ times: 1, applied: false });
    expect(await run(createWorker(fleet, insert, { idleSeconds: 3 }))).toBe(0);
    for (const database of fleet.databases) expect(await count(database)).toBe(1);
  });

  it("applies once though the lock is lost midway and the message goes out again", async () => {
    const fleet = await createFleet(1);
    const ended = run(createWorker(fleet, `${insert}\nWAITFOR DELAY '00:00:02'`, { idleSeconds: 2 }));
    await untilLocked(sql, fleet.databases[0]!);
    expect(bus.faults.dropLocks(`sqlfleet/subscriptions/${toSubscriptionName(fleet.runId)}`)).toBe(1);
    expect(await ended).toBe(0);
    expect(await count(fleet.databases[0]!)).toBe(1);
    expect(resultOf(fleet, 1)).toMatchObject({ position: { delivery: 2 }, outcome: { state: "committed" } });
  });

  it("does its work though the hub is not there", async () => {
    const fleet = await createFleet(3);
    const nowhere = hubs.connectionString.replace(/localhost:\d+/, "localhost:1");
    const events = createEventSender(nowhere, "sqlfleet", vi.fn());
    expect(await run(createWorker(fleet, insert, { events }))).toBe(0);
    expect(resultOf(fleet, 3)?.outcome.state).toBe("committed");
  });
});
