import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { toSubscriptionName, toTargetId } from "../../model/ids.ts";
import type { TargetEvent } from "../../model/messages.ts";
import { createEventSender } from "../../services/event-hubs/send-events.ts";
import { engineProfile } from "../support/engine-profile.ts";
import type { BenchRun } from "./support/bench-run.ts";
import { type HeardEvents, listenForEvents } from "./support/listen-for-events.ts";
import { effectTable, insertEffect, readEffects } from "./support/effects.ts";
import { packageOf } from "./support/package-of.ts";
import { untilLocked } from "./support/until-locked.ts";
import { startWorkerBench, type WorkerBench } from "./support/worker-bench.ts";

let bench: WorkerBench;
let events: HeardEvents;
let client: ServiceBusClient;

beforeAll(async () => {
  bench = await startWorkerBench();
  events = listenForEvents(bench.hubs);
  client = new ServiceBusClient(bench.bus.connectionString);
});

afterEach(() => {
  bench.calm();
});

afterAll(async () => {
  await client.close();
  await events.stop();
  await bench.stop();
});

const [first, second] = [toTargetId(1), toTargetId(2)];
/** Works for half a minute in databases with the table dbo.Slow. */
const slowTable = "CREATE TABLE dbo.Slow (Id int);";
const insertSlowly = `${insertEffect}\nIF OBJECT_ID('dbo.Slow') IS NOT NULL WAITFOR DELAY '00:00:30';`;

/** A run with one target per database, enqueued; no worker is started yet. */
async function newRun(
  count: number,
  { script = insertEffect, setup = effectTable } = {},
): Promise<{ readonly run: BenchRun; readonly databases: readonly string[] }> {
  const databases: string[] = [];
  while (databases.length < count) databases.push(await bench.sql.createDatabase(setup));
  const targets = databases.map((override) => ({
    server: bench.sql.server,
    databases: [{ default: "", override }],
  }));
  return { run: await bench.newRun({ content: packageOf(script), targets }), databases };
}

function typesOf(heard: readonly TargetEvent[]): readonly string[] {
  return heard.map(({ type }) => type);
}

async function expectEffects(databases: readonly string[], effects: readonly number[]): Promise<void> {
  for (const database of databases) expect(await readEffects(bench.sql, database)).toEqual(effects);
}

describe("a worker", () => {
  it("works off its subscription, leaves events, records and logs, and goes when idle", async () => {
    const { run, databases } = await newRun(6);
    expect(await run.startWorker()).toBe(0);
    await expectEffects(databases, [1]);
    for (const record of await run.readRecords()) expect(record?.outcome.state).toBe("committed");
    for (const database of databases) {
      expect(await run.readLog(bench.sql.server, database)).toContain("Ended: committed");
    }
    for (const { id } of run.targets) {
      await expect.poll(() => typesOf(events.about(run.runId, id)).at(-1)).toBe("ended");
    }
    expect(await run.countMessages()).toBe(0);
  });

  it("goes at once when the run is settled", async () => {
    const { run } = await newRun(1);
    const ended = run.startWorker({ idleSeconds: 600 });
    await expect.poll(() => run.countRecords()).toBe(1);
    await run.order("settled");
    const before = performance.now();
    expect(await ended).toBe(0);
    expect(performance.now() - before).toBeLessThan(2_500);
  });

  it("says that some failed", async () => {
    const { run } = await newRun(1, { script: "SELECT * FROM dbo.NotThere" });
    expect(await run.startWorker()).toBe(1);
    const error = { number: engineProfile.numbers.missingTable };
    expect(await run.readRecord(first)).toMatchObject({ outcome: { state: "rolledBack", error } });
  });

  it("starts nothing when the order is to stop", async () => {
    const { run, databases } = await newRun(3);
    await run.order("stop");
    expect(await run.startWorker()).toBe(3);
    await expectEffects(databases, []);
  });

  it("does its work though the hub is not there", async () => {
    const { run } = await newRun(3);
    const nowhere = bench.hubs.connectionString.replace(/localhost:\d+/, "localhost:1");
    const events = createEventSender(nowhere, "sqlfleet", () => undefined);
    expect(await run.startWorker({ events })).toBe(0);
    for (const record of await run.readRecords()) expect(record?.outcome.state).toBe("committed");
  });

  it("keeps a message that cannot be read in the report, and in the dead-letter queue", async () => {
    const { run } = await newRun(1);
    const { runId } = run;
    const sender = client.createSender("sqlfleet");
    await sender.sendMessages({
      body: { nonsense: true },
      correlationId: runId,
      applicationProperties: { runId, targetId: second, bucket: 0, round: 1 },
    });
    await sender.close();
    expect(await run.startWorker()).toBe(1);
    expect(await run.readRecord(first)).toMatchObject({ outcome: { state: "committed" } });
    expect(await run.readRecord(second)).toMatchObject({
      outcome: { state: "failed", error: { code: "PoisonMessage" } },
    });
    const subscription = toSubscriptionName(runId);
    const dead = client.createReceiver("sqlfleet", subscription, { subQueueType: "deadLetter" });
    const [message] = await dead.receiveMessages(1);
    expect(message?.deadLetterReason).toBe("PoisonMessage");
    await dead.close();
  });
});

describe("a worker that is cut short", () => {
  it("rolls back what runs past the grace time of a cancel, and says so", async () => {
    const { run, databases } = await newRun(1, { script: insertSlowly, setup: effectTable + slowTable });
    const ended = run.startWorker();
    await untilLocked(bench.sql, databases[0]!);
    await run.order("stop");
    expect(await ended).toBe(3);
    const outcome = { state: "rolledBack", error: { code: "RunCancelled" } };
    expect(await run.readRecord(first)).toMatchObject({ outcome });
    await expectEffects(databases, []);
  });

  it("leaves what SIGTERM cuts short to the next worker", async () => {
    const { run, databases } = await newRun(1, { script: insertSlowly, setup: effectTable + slowTable });
    const shutdown = new AbortController();
    const ended = run.startWorker({ shutdown: shutdown.signal });
    await untilLocked(bench.sql, databases[0]!);
    shutdown.abort();
    expect(await ended).toBe(5);
    expect(await run.countRecords()).toBe(0);
    await expectEffects(databases, []);

    await bench.sql.query(databases[0]!, "DROP TABLE dbo.Slow;");
    expect(await run.startWorker()).toBe(0);
    const outcome = { state: "committed", attempts: 2 };
    expect(await run.readRecord(first)).toMatchObject({ position: { delivery: 2 }, outcome });
    await expectEffects(databases, [1]);
  });
});

describe("a worker whose messages come twice", () => {
  it("applies once though every message comes twice and completing is cut", async () => {
    const { run, databases } = await newRun(3);
    bench.bus.faults.duplicateDeliveries({ entity: run.entity, times: 3 });
    bench.bus.faults.cutSettlements({ entity: run.entity, times: 1, applied: false });
    expect(await run.startWorker()).toBe(0);
    for (const { id } of run.targets) {
      const deliveries = (): readonly number[] =>
        events.about(run.runId, id).map(({ position }) => position.delivery);
      await expect.poll(deliveries).toContain(2);
    }
    await expectEffects(databases, [1]);
    // The message whose completion was cut is still locked, and any whose completion was on the same link.
    expect(bench.bus.faults.dropLocks(run.entity)).toBeGreaterThanOrEqual(1);
    expect(await run.startWorker()).toBe(0);
    expect(await run.countMessages()).toBe(0);
    await expectEffects(databases, [1]);
  });

  it("applies once though the lock is lost midway and the message goes out again", async () => {
    const script = `${insertEffect}\nWAITFOR DELAY '00:00:02'`;
    const { run, databases } = await newRun(1, { script });
    const ended = run.startWorker({ idleSeconds: 2 });
    await untilLocked(bench.sql, databases[0]!);
    expect(bench.bus.faults.dropLocks(run.entity)).toBe(1);
    expect(await ended).toBe(0);
    await expectEffects(databases, [1]);
    const record = { position: { delivery: 2 }, outcome: { state: "committed" } };
    expect(await run.readRecord(first)).toMatchObject(record);
  });
});
