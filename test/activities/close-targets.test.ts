import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enqueueTargets } from "../../activities/enqueue-targets.ts";
import { reconcileRun } from "../../activities/reconcile-run.ts";
import { stageRun } from "../../activities/stage-run.ts";
import { type RunId, toSubscriptionName, toTargetId } from "../../model/ids.ts";
import type { TargetMessage } from "../../model/messages.ts";
import type { RunPlan } from "../../model/run-document.ts";
import { stateContainer, stateFile } from "../../model/run-files.ts";
import type { Services } from "../../services/services.ts";
import { endedEvent, sampleRun, startedEvent } from "../support/sample-run.ts";
import { sampleTargets, storeRun } from "../support/stored-run.ts";
import { startStandIns, type StandIns } from "../support/stand-ins.ts";

let standIns: StandIns;
let services: Services;
/** A worker's. */
let client: ServiceBusClient;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true, serviceBus: true });
  services = standIns.newServices();
  client = new ServiceBusClient(standIns.serviceBus().connectionString);
});
afterAll(async () => {
  await client.close();
  await standIns.stop();
});

const count: RunPlan["concurrency"] = { type: "Count", limit: 10 };

/** A run whose targets are all enqueued. */
async function stage(targets: number, concurrency = count): Promise<RunId> {
  const { plan } = sampleRun("" as RunId, targets);
  const run = await storeRun(services, sampleTargets(targets), { plan: { ...plan, concurrency } });
  await stageRun(services, { runId: run.id });
  for (let bucket = 0; bucket < run.buckets; bucket += 1) {
    await enqueueTargets(services, { runId: run.id, bucket, round: 1 });
  }
  return run.id;
}

/** A worker that takes a message, the first of its session, and gives it back. */
async function handOut(runId: RunId, session?: string): Promise<string> {
  const subscription = toSubscriptionName(runId);
  const receiver =
    session === undefined
      ? client.createReceiver("sqlfleet", subscription)
      : await client.acceptSession("sqlfleet", subscription, session);
  const [message] = await receiver.receiveMessages(1);
  await receiver.abandonMessage(message!);
  await receiver.close();
  return (message!.body as TargetMessage).target.id;
}

async function readEnds(runId: RunId): Promise<Readonly<Record<string, string>>> {
  const records = await services.progress.records(runId, 0);
  return Object.fromEntries(
    records.map(({ targetId, state, error }) => [targetId, `${state} ${error?.code ?? ""}`.trim()]),
  );
}

async function countCodes(runId: RunId, buckets = 1): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    for (const { error } of await services.progress.records(runId, bucket)) {
      counts[error?.code ?? ""] = (counts[error?.code ?? ""] ?? 0) + 1;
    }
  }
  return counts;
}

const giveUp = (runId: RunId, services_ = services): Promise<unknown> =>
  reconcileRun(services_, { runId, round: 3, giveUp: "lost" });

describe("closing targets as lost", () => {
  it.each([
    ["Count", undefined],
    ["Server", "srv1"],
  ] as const)(
    "says which ones nobody ever had, and that they are as they were: %s",
    async (type, session) => {
      const runId = await stage(8, { type, limit: 10 });
      const handedOut = await handOut(runId, session);
      await services.progress.apply(runId, 0, [startedEvent(runId, { place: 2 })]);
      const result = endedEvent(runId, { place: 3, state: "committed" });
      const path = stateFile.result(runId, 0, toTargetId(3));
      await services.files.write(stateContainer, path, JSON.stringify(result));
      const expected = {
        ...Object.fromEntries([4, 5, 6, 7, 8, 1].map((place) => [toTargetId(place), "cancelled NeverBegun"])),
        [toTargetId(2)]: "lost TargetLost",
        [toTargetId(3)]: "committed",
        [handedOut]: "lost TargetLost",
      };
      expect(await giveUp(runId)).toEqual({ settled: true, enqueued: 0 });
      expect(await readEnds(runId)).toEqual(expected);
      await giveUp(runId);
      expect(await readEnds(runId)).toEqual(expected);
    },
    20_000,
  );

  it("finds them in every bucket", async () => {
    const runId = await stage(2_100);
    await handOut(runId);
    await giveUp(runId);
    expect(await countCodes(runId, 2)).toEqual({ NeverBegun: 2_099, TargetLost: 1 });
  }, 60_000);

  it.each([
    ["after it was stored, knows it still", true, { NeverBegun: 5 }],
    ["before it was stored, says less, and nothing wrong", false, { TargetLost: 5 }],
  ])("cut short %s", async (_when, isStored, codes) => {
    const runId = await stage(5);
    const { progress } = services;
    const dying: Services["progress"] = {
      ...progress,
      giveUp: async (...input) => {
        if (isStored) await progress.giveUp(...input);
        throw new Error("The host was killed.");
      },
    };
    await expect(giveUp(runId, { ...services, progress: dying })).rejects.toThrow("killed");
    standIns.serviceBus().faults.dropLocks();
    await giveUp(runId);
    expect(await countCodes(runId)).toEqual(codes);
  });
});

describe("closing the targets of a cancelled run", () => {
  it("says of each that nothing was changed only where its message tells so", async () => {
    const runId = await stage(6);
    await services.runs.apply(runId, { type: "cancelRequested", at: new Date().toISOString() });
    const begun = await handOut(runId);
    await giveUp(runId);
    expect(await countCodes(runId)).toEqual({ RunCancelled: 5, TargetLost: 1 });
    expect(await readEnds(runId)).toMatchObject({ [begun]: "lost TargetLost" });
  });
});

it("leaves no target open though the messages cannot be read, and says what it does not know", async () => {
  const runId = await stage(3);
  const { topic } = services;
  const unreadable: Services["topic"] = {
    ...topic,
    takeUntouched: () => {
      throw new Error("Service Bus is gone.");
    },
  };
  await expect(giveUp(runId, { ...services, topic: unreadable })).rejects.toThrow("gone");
  expect(await countCodes(runId)).toEqual({ TargetLost: 3 });
  expect(await giveUp(runId)).toEqual({ settled: true, enqueued: 0 });
});

describe("closing targets as cancelled", () => {
  it("says whether the run was cancelled, or failed before any worker was launched", async () => {
    const [cancelled, failed] = [await stage(1), await stage(1)];
    await services.runs.apply(cancelled, { type: "cancelRequested", at: new Date().toISOString() });
    for (const runId of [cancelled, failed]) {
      await reconcileRun(services, { runId, round: 3, giveUp: "cancelled" });
    }
    expect([await countCodes(cancelled), await countCodes(failed)]).toEqual([
      { RunCancelled: 1 },
      { NeverBegun: 1 },
    ]);
  });
});
