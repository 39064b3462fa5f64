import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createDeferred } from "../../../local/deferred.ts";
import { toRunId, toSubscriptionName, toTargetId } from "../../../model/ids.ts";
import type { TargetMessage } from "../../../model/messages.ts";
import { createTargetReceiver } from "../../../services/service-bus/receive-targets.ts";
import { type TargetBus, handlers, startTargetBus, toMessage, toMessages } from "./support/target-bus.ts";

let bus: TargetBus;
beforeAll(async () => {
  bus = await startTargetBus();
});
afterAll(() => bus.stop());

describe("createTargetReceiver", () => {
  it("works on as many as there are slots, and completes them", async () => {
    const runId = await bus.subscribe();
    await bus.send(runId, toMessages(runId, 20));
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const seen: string[] = [];
    let now = 0;
    let most = 0;
    receiver.start(
      4,
      handlers(async ({ message, delivery, complete }) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(delivery).toBe(1);
        await complete();
        seen.push(message.target.id);
        now -= 1;
      }),
    );
    await vi.waitFor(() => {
      expect(seen).toHaveLength(20);
    });
    expect(most).toBe(4);
    await receiver.stop();
    await receiver.close();
  });

  it("counts deliveries of what was abandoned", async () => {
    const runId = await bus.subscribe();
    await bus.send(runId, [toMessage(runId, 1)]);
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const deliveries: number[] = [];
    receiver.start(
      1,
      handlers(async ({ delivery, complete, abandon }) => {
        deliveries.push(delivery);
        await (delivery < 3 ? abandon() : complete());
      }),
    );
    await vi.waitFor(() => {
      expect(deliveries).toEqual([1, 2, 3]);
    });
    await receiver.close();
  });

  it("goes on though one target takes longer than thousands of others", async () => {
    const runId = await bus.subscribe();
    // More than the SDK's window of deliveries on one link.
    await bus.send(runId, toMessages(runId, 2_200));
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const longest = createDeferred();
    let completed = 0;
    receiver.start(
      2,
      handlers(async ({ message, complete }) => {
        if (message.target.id === toTargetId(1)) await longest.promise;
        await complete();
        completed += 1;
      }),
    );
    await vi.waitFor(
      () => {
        expect(completed).toBe(2_199);
      },
      { timeout: 20_000 },
    );
    longest.resolve();
    await vi.waitFor(() => {
      expect(completed).toBe(2_200);
    });
    await receiver.close();
  });

  it("puts aside what it cannot read, with the reason", async () => {
    const runId = await bus.subscribe();
    await bus.send(runId, ["not a target"]);
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const taken = handlers(() => Promise.reject(new Error("never called")));
    receiver.start(1, taken);
    await vi.waitFor(() => {
      expect(taken.told).toContain("poison");
    });
    await receiver.close();
    expect(await bus.readDeadLetter(runId)).toMatchObject({ deadLetterReason: "PoisonMessage" });
  });

  it("holds a lock for longer than it lasts", async () => {
    const runId = await bus.subscribe({ lockDuration: "PT2S" });
    await bus.send(runId, [toMessage(runId, 1)]);
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const ended = createDeferred<unknown>();
    receiver.start(
      1,
      handlers(async ({ lost, complete }) => {
        await new Promise((resolve) => setTimeout(resolve, 3_500));
        await complete().then(() => {
          ended.resolve(lost.aborted);
        }, ended.reject);
      }),
    );
    expect(await ended.promise).toBe(false);
    await receiver.close();
  });

  it("takes the next while the last is still to be settled, and holds its lock until then", async () => {
    const runId = await bus.subscribe({ lockDuration: "PT2S" });
    await bus.send(runId, toMessages(runId, 2));
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const second = createDeferred();
    const ended = createDeferred<unknown>();
    receiver.start(1, {
      ...handlers(() => Promise.resolve()),
      target: ({ message, lost, complete }) => {
        if (message.target.id === toTargetId(2)) {
          second.resolve();
          return Promise.resolve({ done: complete() });
        }
        const report = async (): Promise<void> => {
          await second.promise;
          await new Promise((resolve) => setTimeout(resolve, 2_500));
          await complete().then(() => {
            ended.resolve(lost.aborted);
          }, ended.reject);
        };
        return Promise.resolve({ done: report() });
      },
    });
    expect(await ended.promise).toBe(false);
    await receiver.close();
  });

  it("says so when a lock is lost", async () => {
    const runId = await bus.subscribe({ lockDuration: "PT5S" });
    await bus.send(runId, [toMessage(runId, 1)]);
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const reasons: unknown[] = [];
    receiver.start(
      1,
      handlers(async ({ delivery, lost, complete }) => {
        if (delivery > 1) return complete();
        bus.faults.dropLocks();
        await new Promise((resolve) => {
          lost.addEventListener("abort", resolve);
        });
        reasons.push(lost.reason);
      }),
    );
    await vi.waitFor(
      () => {
        expect(reasons).toEqual(["lockLost"]);
      },
      { timeout: 6_000 },
    );
    await receiver.close();
  });

  it("takes nothing new once stopped, and can still complete what it has", async () => {
    const runId = await bus.subscribe();
    await bus.send(runId, [toMessage(runId, 1), toMessage(runId, 2), toMessage(runId, 3)]);
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const started: string[] = [];
    const goOn = createDeferred<undefined>();
    const done = createDeferred<undefined>();
    receiver.start(
      2,
      handlers(async ({ message, complete }) => {
        started.push(message.target.id);
        await goOn.promise;
        await complete();
        if (message.target.id === toTargetId(2)) done.resolve(undefined);
      }),
    );
    await vi.waitFor(() => {
      expect(started).toHaveLength(2);
    });
    await receiver.stop();
    goOn.resolve(undefined);
    await done.promise;
    await receiver.close();
    expect(started).toHaveLength(2);
    const rest = bus.client.createReceiver("sqlfleet", toSubscriptionName(runId));
    const left = await rest.receiveMessages(5, { maxWaitTimeInMs: 500 });
    expect(left.map(({ body }) => (body as TargetMessage).target.id)).toEqual([toTargetId(3)]);
    await rest.close();
  });

  it("says when the subscription is gone", async () => {
    const runId = toRunId(new Date(), "ffffff");
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const taken = handlers(() => Promise.resolve());
    receiver.start(1, taken);
    await vi.waitFor(() => {
      expect(taken.told).toContain("gone");
    });
    await receiver.close();
  });
});
