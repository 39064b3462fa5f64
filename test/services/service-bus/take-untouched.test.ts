import { ServiceBusClient, type ServiceBusReceiver } from "@azure/service-bus";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDeferred } from "../../../local/deferred.ts";
import { type RunId, toSubscriptionName } from "../../../model/ids.ts";
import type { MessageAddress, TargetMessage } from "../../../model/messages.ts";
import { createTargetReceiver } from "../../../services/service-bus/receive-targets.ts";
import type { TargetTopic } from "../../../services/services.ts";
import { newRunId } from "../../support/sample-run.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { toMessages } from "../contract/ports/target-topic.ts";
import { handlers } from "./support/target-bus.ts";

let standIns: StandIns;
let topic: TargetTopic;
/** A worker's. */
let client: ServiceBusClient;
const open = new Set<{ close(): Promise<void> }>();
beforeAll(async () => {
  standIns = await startStandIns({ serviceBus: true });
  ({ topic } = standIns.newServices());
  client = new ServiceBusClient(standIns.serviceBus().connectionString);
});
afterEach(async () => {
  await Promise.all([...open].map((each) => each.close()));
  open.clear();
});
afterAll(async () => {
  await client.close();
  await standIns.stop();
});

const keep = <Open extends { close(): Promise<void> }>(each: Open): Open => {
  open.add(each);
  return each;
};

async function subscribe(messages: (runId: RunId) => readonly TargetMessage[]): Promise<RunId> {
  const runId = newRunId();
  const sent = messages(runId);
  await topic.subscribe(runId, { sessions: sent.some(({ session }) => session !== undefined) });
  await topic.send(sent);
  return runId;
}

/** `count` messages, their sessions in turn. */
const inSessions =
  (count: number, sessions: number) =>
  (runId: RunId): readonly TargetMessage[] =>
    toMessages(runId, count).map((message, index) => ({ ...message, session: `s${index % sessions}` }));

async function take(runId: RunId, sessions = false): Promise<readonly MessageAddress[]> {
  const taken: MessageAddress[] = [];
  for await (const batch of topic.takeUntouched(runId, { sessions })) taken.push(...batch);
  return taken;
}

const toPlaces = (addresses: readonly MessageAddress[]): readonly number[] =>
  addresses.map(({ targetId }) => Number(targetId)).sort((one, other) => one - other);
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const openWorker = (runId: RunId): ServiceBusReceiver =>
  keep(client.createReceiver("sqlfleet", toSubscriptionName(runId), { maxAutoLockRenewalDurationInMs: 0 }));

/** A worker that takes one target of a session and is killed at once. */
async function beginAndDie(runId: RunId): Promise<void> {
  const worker = createTargetReceiver(standIns.serviceBus().connectionString, "sqlfleet", runId, 1);
  const begun = createDeferred();
  worker.start(
    1,
    handlers(() => {
      begun.resolve();
      return new Promise(() => undefined);
    }),
  );
  await begun.promise;
  await worker.close();
}

/**
 * A worker that begins the first target it gets, and is told to stop over the next, which it gives back.
 * @returns the place of the one it began
 */
async function beginOneAndStop(runId: RunId, perSession?: number): Promise<number> {
  const { connectionString } = standIns.serviceBus();
  const worker = keep(createTargetReceiver(connectionString, "sqlfleet", runId, perSession));
  const stopping = createDeferred();
  const inHand: { readonly place: number; readonly settled: Promise<void> }[] = [];
  worker.start(
    2,
    handlers(({ message, abandon, giveBack }) => {
      const settled = inHand.length === 0 ? abandon() : giveBack();
      inHand.push({ place: Number(message.target.id), settled });
      if (inHand.length > 1) stopping.resolve();
      return settled;
    }),
  );
  await stopping.promise;
  await worker.stop();
  await Promise.all(inHand.map(({ settled }) => settled));
  await worker.close();
  return inHand[0]!.place;
}

describe("takeUntouched", () => {
  it("tells of every target whose message no worker ever had, once, and leaves nothing", async () => {
    const runId = await subscribe((id) => toMessages(id, 600));
    const taken = await take(runId);
    expect(toPlaces(taken)).toEqual(range(1, 600));
    expect(taken[0]).toEqual({ runId, bucket: 0, round: 1, targetId: "000001" });
    expect(await topic.waiting(runId)).toBe(0);
  });

  it("says nothing of a message a worker has, and leaves it to that worker", async () => {
    const runId = await subscribe((id) => toMessages(id, 5));
    const worker = openWorker(runId);
    const [held] = await worker.receiveMessages(1);
    expect(toPlaces(await take(runId))).toEqual([2, 3, 4, 5]);
    expect(await topic.waiting(runId)).toBe(1);
    await worker.completeMessage(held!);
    expect(await topic.waiting(runId)).toBe(0);
  });

  it.each([
    ["gave back", (worker: ServiceBusReceiver, held: never) => worker.abandonMessage(held)],
    ["lost", () => Promise.resolve(standIns.serviceBus().faults.dropLocks())],
  ])("says nothing of a message a worker had and %s", async (_how, end) => {
    const runId = await subscribe((id) => toMessages(id, 4));
    const worker = openWorker(runId);
    for (const message of await worker.receiveMessages(2)) await end(worker, message as never);
    expect(toPlaces(await take(runId))).toEqual([3, 4]);
    expect(await topic.waiting(runId)).toBe(0);
  });

  it("tells of those that were given back, and not of one that was begun", async () => {
    const runId = await subscribe((id) => toMessages(id, 6));
    const begun = await beginOneAndStop(runId);
    expect(toPlaces(await take(runId))).toEqual(range(1, 6).filter((place) => place !== begun));
    expect(await topic.waiting(runId)).toBe(0);
  });

  it("says nothing of a later round: the target was out before", async () => {
    const runId = await subscribe((id) => [...toMessages(id, 5).slice(3), ...toMessages(id, 3, 2)]);
    expect(toPlaces(await take(runId))).toEqual([4, 5]);
    expect(await topic.waiting(runId)).toBe(0);
  });

  it("completes a batch when the next is asked for: cut short before, it is never told of again", async () => {
    const runId = await subscribe((id) => toMessages(id, 10));
    for await (const batch of topic.takeUntouched(runId, { sessions: false })) {
      expect(batch).toHaveLength(10);
      break;
    }
    expect(await topic.waiting(runId)).toBe(10);
    standIns.serviceBus().faults.dropLocks();
    expect(await take(runId)).toEqual([]);
    expect(await topic.waiting(runId)).toBe(0);
  });

  it("tells of each once though the connection is cut while a batch is completed", async () => {
    const runId = await subscribe((id) => toMessages(id, 300));
    const entity = `sqlfleet/Subscriptions/${toSubscriptionName(runId)}`;
    standIns.serviceBus().faults.cutSettlements({ entity, times: 1, applied: false });
    expect(toPlaces(await take(runId))).toEqual(range(1, 300));
    standIns.serviceBus().faults.dropLocks();
    expect(await take(runId)).toEqual([]);
    expect(await topic.waiting(runId)).toBe(0);
  }, 30_000);

  it("ends at once when the subscription is gone", async () => {
    expect(await take(newRunId())).toEqual([]);
    expect(await take(newRunId(), true)).toEqual([]);
  });
});

describe("takeUntouched with sessions", () => {
  it("takes every session, however many there are and however long one is", async () => {
    const runId = await subscribe((id) => [...inSessions(40, 40)(id), ...inSessions(640, 1)(id).slice(40)]);
    expect(toPlaces(await take(runId, true))).toEqual(range(1, 640));
    expect(await topic.waiting(runId)).toBe(0);
  }, 20_000);

  it("says nothing of a message whose session's holder died, though the service did not count it", async () => {
    const runId = await subscribe(inSessions(6, 2));
    await beginAndDie(runId);
    const places = toPlaces(await take(runId, true));
    expect(places).toHaveLength(5);
    expect([1, 2].filter((place) => !places.includes(place))).toHaveLength(1);
    expect(await topic.waiting(runId)).toBe(0);
  }, 20_000);

  it("tells of those that were given back, and not of one that was begun", async () => {
    const runId = await subscribe(inSessions(6, 2));
    const begun = await beginOneAndStop(runId, 1);
    expect(toPlaces(await take(runId, true))).toEqual(range(1, 6).filter((place) => place !== begun));
    expect(await topic.waiting(runId)).toBe(0);
  }, 20_000);

  it("takes up again what a cut connection left, and tells of each", async () => {
    const runId = await subscribe(inSessions(300, 2));
    const told = new Set<number>();
    const takeUp = async (): Promise<string> => {
      for await (const batch of topic.takeUntouched(runId, { sessions: true })) {
        if (told.size === 0) standIns.serviceBus().faults.cutConnections();
        for (const place of toPlaces(batch)) told.add(place);
      }
      return "done";
    };
    await expect
      .poll(() => takeUp().catch((error: unknown) => (error as { code?: unknown }).code), { timeout: 30_000 })
      .toBe("done");
    expect([...told].sort((one, other) => one - other)).toEqual(range(1, 300));
    expect(await topic.waiting(runId)).toBe(0);
  }, 60_000);

  it("says nothing of a session a worker holds, nor of a later round", async () => {
    const runId = await subscribe((id) => [
      ...inSessions(6, 3)(id),
      ...toMessages(id, 3, 2).map((message) => ({ ...message, session: "s1" })),
    ]);
    keep(await client.acceptSession("sqlfleet", toSubscriptionName(runId), "s0"));
    expect(toPlaces(await take(runId, true))).toEqual([2, 3, 5, 6]);
    expect(await topic.waiting(runId)).toBe(2);
  }, 20_000);
});
