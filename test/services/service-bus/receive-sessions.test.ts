import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createDeferred } from "../../../local/deferred.ts";
import { type RunId, toSubscriptionName, toTargetId } from "../../../model/ids.ts";
import type { TargetMessage } from "../../../model/messages.ts";
import { createTargetReceiver } from "../../../services/service-bus/receive-targets.ts";
import type { TargetDelivery, TargetReceiver } from "../../../services/service-bus/target-receiver.ts";
import { type TargetBus, handlers, startTargetBus, toMessages } from "./support/target-bus.ts";

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

/** How many targets of each session are in hand, wherever. */
function createGauge() {
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  const done: string[] = [];
  const add = (session: string, change: number): void => {
    const level = (now.get(session) ?? 0) + change;
    now.set(session, level);
    most.set(session, Math.max(most.get(session) ?? 0, level));
  };
  return {
    ...{ most, done },
    around: async ({ session = "", target }: TargetMessage, work: () => Promise<void>): Promise<void> => {
      add(session, 1);
      await work();
      add(session, -1);
      done.push(target.id);
    },
  };
}

describe("a session receiver", () => {
  it.each([1, 3])("has %i of a session in hand at most, over all workers", async (perSession) => {
    const runId = await subscribe();
    await bus.send(runId, toMessages(runId, 36, ["a", "b", "c"]));
    const gauge = createGauge();
    for (let worker = 0; worker < 3; worker += 1) {
      newReceiver(runId, perSession).start(
        10,
        handlers(({ message, complete }) => gauge.around(message, () => wait(10).then(complete))),
      );
    }
    await vi.waitFor(
      () => {
        expect(gauge.done).toHaveLength(36);
      },
      { timeout: 5_000 },
    );
    expect(Object.fromEntries(gauge.most)).toEqual({ a: perSession, b: perSession, c: perSession });
  });

  it("does not let a slow target hold up its server while there is room under the cap", async () => {
    const runId = await subscribe();
    await bus.send(runId, toMessages(runId, 20, ["a"]));
    const slow = createDeferred();
    const gauge = createGauge();
    newReceiver(runId, 2).start(
      10,
      handlers(({ message, complete }) =>
        gauge.around(message, async () => {
          if (message.target.id === toTargetId(1)) await slow.promise;
          await complete();
        }),
      ),
    );
    await vi.waitFor(() => {
      expect(gauge.done).toHaveLength(19);
    });
    slow.resolve();
    await vi.waitFor(() => {
      expect(gauge.done).toHaveLength(20);
    });
  });

  it("goes on to the next session as soon as one leaves it slots", async () => {
    const runId = await subscribe();
    await bus.send(runId, toMessages(runId, 12, ["a", "b", "c", "d", "e", "f"]));
    const slow = createDeferred();
    const done: string[] = [];
    // The slow target keeps one slot of two; its session has run dry by then, so the other slot is for others.
    newReceiver(runId, 2).start(
      2,
      handlers(async ({ message, complete }) => {
        if (message.target.id === toTargetId(1)) await slow.promise;
        await complete();
        done.push(message.target.id);
      }),
    );
    await vi.waitFor(
      () => {
        expect(done).toHaveLength(11);
      },
      { timeout: 5_000 },
    );
    slow.resolve();
    await vi.waitFor(() => {
      expect(done).toHaveLength(12);
    });
  });

  it("keeps a session until its last target is settled, and takes the next session meanwhile", async () => {
    const runId = await subscribe();
    await bus.send(runId, toMessages(runId, 2, ["a", "b"]));
    const reported = createDeferred();
    const seen: string[] = [];
    const settled: string[] = [];
    const report = async ({ message, complete }: TargetDelivery): Promise<void> => {
      if (message.session === "a") await reported.promise;
      await complete();
      settled.push(message.session ?? "");
    };
    newReceiver(runId, 1).start(1, {
      ...handlers(() => Promise.resolve()),
      target: (delivery) => {
        seen.push(delivery.message.session ?? "");
        return Promise.resolve({ done: report(delivery) });
      },
    });
    await vi.waitFor(() => {
      expect(settled).toEqual(["b"]);
    });
    expect(seen).toEqual(["a", "b"]);
    const other = bus.client.acceptSession("sqlfleet", toSubscriptionName(runId), "a");
    await expect(other).rejects.toMatchObject({ code: "SessionCannotBeLocked" });
    reported.resolve();
    await vi.waitFor(() => {
      expect(settled).toEqual(["b", "a"]);
    });
    await vi.waitFor(async () => {
      await (await bus.client.acceptSession("sqlfleet", toSubscriptionName(runId), "a")).close();
    });
  });

  it("gives a session back with its last message: many small ones take no longer than one", async () => {
    const runId = await subscribe();
    const sessions = Array.from({ length: 40 }, (_, index) => `server${index}`);
    await bus.send(runId, toMessages(runId, 40, sessions));
    let done = 0;
    newReceiver(runId, 1).start(
      1,
      handlers(async ({ complete }) => {
        await complete();
        done += 1;
      }),
    );
    await vi.waitFor(
      () => {
        expect(done).toBe(40);
      },
      { timeout: 4_000 },
    );
  });
});
