import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { createDeferred } from "../../../local/deferred.ts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../../local/service-bus/server.ts";
import { type RunId, toRunId, toSubscriptionName, toTargetId } from "../../../model/ids.ts";
import { type TargetMessage, toMessageId } from "../../../model/messages.ts";
import {
  type TargetDelivery,
  type TargetHandlers,
  createTargetReceiver,
} from "../../../services/service-bus/receive-targets.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";

let bus: RunningServiceBus;
let client: ServiceBusClient;
let runs = 0;

beforeAll(async () => {
  bus = await startServiceBus({
    tls: await createTrustedCertificates(),
    topics: [{ name: "sqlfleet" }],
    sharedAccessKey: "a-key",
    clock: systemClock,
  });
  client = new ServiceBusClient(bus.connectionString);
});

afterAll(async () => {
  await client.close();
  await bus.stop();
});

async function subscribe(lockDuration = "PT30S"): Promise<RunId> {
  const runId = toRunId(new Date(), (runs += 1).toString(16).padStart(6, "0"));
  const admin = new ServiceBusAdministrationClient(bus.connectionString);
  await admin.createSubscription("sqlfleet", toSubscriptionName(runId), {
    lockDuration,
    defaultRuleOptions: { name: "run", filter: { correlationId: runId } },
  });
  return runId;
}

function toMessage(runId: RunId, place: number): TargetMessage {
  const target = {
    id: toTargetId(place),
    server: "srv",
    databases: [{ default: "", override: `db${place}` }],
  };
  return { runId, bucket: 0, round: 1, target };
}

async function send(runId: RunId, bodies: readonly unknown[]): Promise<void> {
  const sender = client.createSender("sqlfleet");
  await sender.sendMessages(
    bodies.map((body, index) => ({
      body,
      correlationId: runId,
      messageId: toMessageId(toMessage(runId, index + 1)),
    })),
  );
  await sender.close();
}

function handlers(
  target: (delivery: TargetDelivery) => Promise<void>,
): TargetHandlers & { readonly told: string[] } {
  const told: string[] = [];
  return {
    target,
    told,
    poison: () => told.push("poison"),
    disturbed: () => told.push("disturbed"),
    gone: () => told.push("gone"),
  };
}

describe("createTargetReceiver", () => {
  it("works on as many as there are slots, and completes them", async () => {
    const runId = await subscribe();
    await send(
      runId,
      Array.from({ length: 20 }, (_, index) => toMessage(runId, index + 1)),
    );
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
    const runId = await subscribe();
    await send(runId, [toMessage(runId, 1)]);
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

  it("puts aside what it cannot read, with the reason", async () => {
    const runId = await subscribe();
    await send(runId, ["not a target"]);
    const receiver = createTargetReceiver(bus.connectionString, "sqlfleet", runId);
    const taken = handlers(() => Promise.reject(new Error("never called")));
    receiver.start(1, taken);
    await vi.waitFor(() => {
      expect(taken.told).toContain("poison");
    });
    await receiver.close();
    const dead = client.createReceiver("sqlfleet", toSubscriptionName(runId), { subQueueType: "deadLetter" });
    const [message] = await dead.receiveMessages(1, { maxWaitTimeInMs: 2_000 });
    expect(message?.deadLetterReason).toBe("PoisonMessage");
    await dead.close();
  });

  it("holds a lock for longer than it lasts", async () => {
    const runId = await subscribe("PT2S");
    await send(runId, [toMessage(runId, 1)]);
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

  it("says so when a lock is lost", async () => {
    const runId = await subscribe("PT5S");
    await send(runId, [toMessage(runId, 1)]);
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
    const runId = await subscribe();
    await send(runId, [toMessage(runId, 1), toMessage(runId, 2), toMessage(runId, 3)]);
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
    const rest = client.createReceiver("sqlfleet", toSubscriptionName(runId));
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
