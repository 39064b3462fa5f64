import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createDeferred } from "../../../local/deferred.ts";
import { type RunId, toRunId, toSubscriptionName } from "../../../model/ids.ts";
import { handleMessage } from "../../../services/service-bus/handle-message.ts";
import { holdLock } from "../../../services/service-bus/receive-lock.ts";
import { createTargetReceiver } from "../../../services/service-bus/receive-targets.ts";
import { countDeliveries } from "../../../services/service-bus/session-deliveries.ts";
import type { TargetReceiver } from "../../../services/service-bus/target-receiver.ts";
import { type TargetBus, handlers, startTargetBus, toMessage, toMessages } from "./support/target-bus.ts";

let bus: TargetBus;
const open = new Set<TargetReceiver>();
beforeAll(async () => {
  bus = await startTargetBus();
});
afterEach(async () => {
  await Promise.all([...open].map((receiver) => receiver.close()));
  open.clear();
});
afterAll(() => bus.stop());

const subscribe = (lockDuration = "PT30S"): Promise<RunId> =>
  bus.subscribe({ requiresSession: true, lockDuration });

/** One worker's end. */
function newReceiver(runId: RunId, perSession: number): TargetReceiver {
  const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId, perSession);
  open.add(receiver);
  return receiver;
}

const neverCalled = () => handlers(() => Promise.reject(new Error("never called")));

describe("a session", () => {
  it("holds a session for longer than its lock lasts", async () => {
    const runId = await subscribe("PT2S");
    await bus.send(runId, [toMessage(runId, 1, "a")]);
    const ended = createDeferred<boolean>();
    newReceiver(runId, 1).start(
      1,
      handlers(async ({ lost, complete }) => {
        await wait(3_500);
        await complete().then(() => {
          ended.resolve(lost.aborted);
        }, ended.reject);
      }),
    );
    expect(await ended.promise).toBe(false);
  });

  it.each([
    ["its lock runs out", () => bus.faults.dropLocks()],
    ["its connection is cut", () => bus.faults.cutConnections()],
  ])("says so when a session is lost because %s, and takes up again", async (_how, lose) => {
    const runId = await subscribe();
    await bus.send(runId, toMessages(runId, 3, ["a"]));
    const seen: unknown[] = [];
    newReceiver(runId, 1).start(
      1,
      handlers(async ({ message, delivery, lost, complete }) => {
        seen.push([message.target.id, delivery]);
        if (seen.length > 1) return complete();
        lose();
        await new Promise((resolve) => {
          lost.addEventListener("abort", resolve);
        });
        expect(lost.reason).toBe("lockLost");
      }),
    );
    await vi.waitFor(
      () => {
        expect(seen).toEqual([
          ["000001", 1],
          ["000001", 2],
          ["000002", 1],
          ["000003", 1],
        ]);
      },
      { timeout: 10_000 },
    );
  });

  it("passes on what a worker had in hand when it died, counted", async () => {
    const runId = await subscribe();
    await bus.send(runId, [toMessage(runId, 1, "a")]);
    const deliveries: number[] = [];
    for (let worker = 0; worker < 3; worker += 1) {
      const receiver = newReceiver(runId, 1);
      const taken = createDeferred();
      receiver.start(
        1,
        handlers(async ({ delivery, lost }) => {
          deliveries.push(delivery);
          taken.resolve();
          await new Promise((resolve) => {
            lost.addEventListener("abort", resolve);
          });
        }),
      );
      await taken.promise;
      await receiver.close();
    }
    expect(deliveries).toEqual([1, 2, 3]);
  });

  it("does not begin a target when that it was handed out cannot be written down", async () => {
    const runId = await subscribe();
    await bus.send(runId, [toMessage(runId, 1, "a")]);
    const receiver = await bus.client.acceptSession("sqlfleet", toSubscriptionName(runId), "a");
    const [message] = await receiver.receiveMessages(1);
    const lock = holdLock(receiver.sessionLockedUntilUtc, () => receiver.renewSessionLock());
    const deliveries = countDeliveries(receiver);
    bus.faults.dropLocks();
    const begun = neverCalled();
    const { done } = await handleMessage({ receiver, message: message!, lock, handlers: begun, deliveries });
    await done;
    expect(begun.told).toEqual(["disturbed"]);
    lock.release();
    await receiver.close();
  });

  it("takes nothing new once stopped, completes what it has, and leaves the rest to others", async () => {
    const runId = await subscribe();
    await bus.send(runId, [...toMessages(runId, 3, ["a"]), toMessage(runId, 4, "b")]);
    const started: string[] = [];
    const goOn = createDeferred();
    const receiver = newReceiver(runId, 1);
    receiver.start(
      1,
      handlers(async ({ message, complete }) => {
        started.push(message.target.id);
        await goOn.promise;
        await complete();
      }),
    );
    await vi.waitFor(() => {
      expect(started).toHaveLength(1);
    });
    await receiver.stop();
    goOn.resolve();
    const rest: string[] = [];
    newReceiver(runId, 1).start(
      2,
      handlers(async ({ message, complete }) => {
        rest.push(message.target.id);
        await complete();
      }),
    );
    await vi.waitFor(
      () => {
        expect([...rest].sort()).toEqual(["000002", "000003", "000004"]);
      },
      { timeout: 5_000 },
    );
    expect(started).toEqual(["000001"]);
  });

  it("does not keep a session that comes free after it was stopped", async () => {
    const runId = await subscribe();
    const idle = newReceiver(runId, 1);
    idle.start(1, neverCalled());
    await wait(300);
    await idle.stop();
    await bus.send(runId, [toMessage(runId, 1, "a")]);
    const done = createDeferred<number>();
    newReceiver(runId, 1).start(
      1,
      handlers(async ({ delivery, complete }) => {
        await complete();
        done.resolve(delivery);
      }),
    );
    expect(await done.promise).toBe(1);
  });

  it("puts aside what it cannot read, with the reason", async () => {
    const runId = await subscribe();
    await bus.send(runId, [{ session: "a" }]);
    const taken = neverCalled();
    newReceiver(runId, 1).start(1, taken);
    await vi.waitFor(() => {
      expect(taken.told).toContain("poison");
    });
    expect(await bus.readDeadLetter(runId)).toMatchObject({ deadLetterReason: "PoisonMessage" });
  });

  it("says when the subscription is gone", async () => {
    const taken = neverCalled();
    newReceiver(toRunId(new Date(), "ffffff"), 1).start(1, taken);
    await vi.waitFor(() => {
      expect(taken.told).toContain("gone");
    });
  });
});
