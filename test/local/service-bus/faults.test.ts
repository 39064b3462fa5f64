import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../../local/service-bus/server.ts";
import { receive, receiveOne } from "../../services/contract/service-bus-subject.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

const topic = "runs";
let bus: RunningServiceBus;
let admin: ServiceBusAdministrationClient;
let client: ServiceBusClient;
let subscription: string;
let made = 0;

beforeAll(async () => {
  const tls = await createTrustedCertificates();
  const topics = [{ name: topic }, { name: "unique", requiresDuplicateDetection: true }];
  bus = await startServiceBus({ tls, topics, sharedAccessKey: "bG9jYWwga2V5", clock: systemClock });
  admin = new ServiceBusAdministrationClient(bus.connectionString);
});
beforeEach(async () => {
  subscription = `s${(made += 1)}`;
  await admin.createSubscription(topic, subscription);
  const retryOptions = { maxRetries: 2, retryDelayInMs: 10, timeoutInMs: 2_000 };
  client = new ServiceBusClient(bus.connectionString, { retryOptions });
});
afterEach(async () => {
  bus.faults.clear();
  await client.close();
  await admin.deleteSubscription(topic, subscription);
});
afterAll(() => bus.stop());

const createReceiver = () =>
  client.createReceiver(topic, subscription, { maxAutoLockRenewalDurationInMs: 0 });

describe("sending", () => {
  test("is refused as often as asked; the SDK retries", async () => {
    const sender = client.createSender(topic);
    bus.faults.refuseSends({ entity: topic, times: 2 });
    await sender.sendMessages({ body: "third time lucky" });
    const clear = bus.faults.refuseSends({ condition: "amqp:resource-limit-exceeded" });
    await expect(sender.sendMessages({ body: 1 })).rejects.toMatchObject({ code: "QuotaExceeded" });
    clear();
    await sender.sendMessages({ body: 2 });
    expect(await createReceiver().peekMessages(9)).toHaveLength(2);
  });

  test("is cut after the message was stored: the retry makes two, unless duplicates are detected", async () => {
    for (const name of [topic, "unique"]) {
      bus.faults.cutSends({ entity: name, stored: true, times: 1 });
      await admin.createSubscription("unique", subscription).catch(() => undefined);
      await client.createSender(name).sendMessages({ body: 1, messageId: `${subscription}-${name}` });
    }
    expect(await client.createReceiver(topic, subscription).peekMessages(9)).toHaveLength(2);
    expect(await client.createReceiver("unique", subscription).peekMessages(9)).toHaveLength(1);
  });

  test("is cut before the message was stored", async () => {
    bus.faults.cutSends({ stored: false, times: 1 });
    await client.createSender(topic).sendMessages({ body: 1 });
    expect(await createReceiver().peekMessages(9)).toHaveLength(1);
  });
});

describe("receiving", () => {
  test("a dropped lock makes a zombie", async () => {
    await client.createSender(topic).sendMessages({ body: 1 });
    const receiver = createReceiver();
    const zombie = await receiveOne(receiver);
    expect(bus.faults.dropLocks(topic)).toBe(1);
    const again = await receiveOne(receiver);
    expect(again.deliveryCount).toBe(1);
    await expect(receiver.completeMessage(zombie)).rejects.toMatchObject({ code: "MessageLockLost" });
    await receiver.completeMessage(again);
  });

  test("a message is delivered twice", async () => {
    bus.faults.duplicateDeliveries({ entity: `${topic}/Subscriptions/${subscription}`, times: 1 });
    await client.createSender(topic).sendMessages([
      { body: 1, messageId: "one" },
      { body: 2, messageId: "two" },
    ]);
    const messages = await receive(createReceiver(), 3);
    expect(messages.map(({ messageId }) => messageId).sort()).toEqual(["one", "one", "two"]);
  });

  test("a delivery is held back", async () => {
    bus.faults.delayDeliveries({ milliseconds: 300, times: 1 });
    await client.createSender(topic).sendMessages({ body: 1 });
    const begun = performance.now();
    await receiveOne(createReceiver());
    expect(performance.now() - begun).toBeGreaterThan(250);
  });

  test("a link that is cut comes back, and messages in hand can still be settled", async () => {
    await client.createSender(topic).sendMessages([{ body: 1 }, { body: 2 }]);
    const handled: unknown[] = [];
    const receiver = createReceiver();
    receiver.subscribe(
      {
        processMessage: async (message) => {
          if (handled.push(message.body as unknown) === 1) bus.faults.cutConnections(topic);
          await receiver.completeMessage(message);
        },
        processError: () => Promise.resolve(),
      },
      { autoCompleteMessages: false },
    );
    await expect.poll(() => handled, { timeout: 10_000 }).toEqual(expect.arrayContaining([1, 2]));
    await expect.poll(() => createReceiver().peekMessages(9), { timeout: 10_000 }).toHaveLength(0);
    await receiver.close();
  });

  test("completing is cut off: done or not done, the client cannot know", async () => {
    await client.createSender(topic).sendMessages({ body: 1 });
    const receiver = createReceiver();
    const message = await receiveOne(receiver);
    bus.faults.cutSettlements({ entity: topic, applied: true, times: 1 });
    await receiver.completeMessage(message).catch(() => undefined);
    await expect.poll(() => createReceiver().peekMessages(9)).toHaveLength(0);
  });
});
