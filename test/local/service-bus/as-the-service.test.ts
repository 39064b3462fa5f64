import { createHmac } from "node:crypto";
import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../../local/service-bus/server.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

let bus: RunningServiceBus;

beforeAll(async () => {
  bus = await startServiceBus({
    tls: await createTrustedCertificates(),
    queues: [{ name: "plain" }, { name: "other" }, { name: "sessions", requiresSession: true }],
    sharedAccessKey: "bG9jYWwga2V5",
    clock: systemClock,
  });
});
afterAll(() => bus.stop());

function connect(): ServiceBusClient {
  const client = new ServiceBusClient(bus.connectionString, { retryOptions: { maxRetries: 0 } });
  onTestFinished(() => client.close());
  return client;
}

describe("a deferred message", () => {
  test("brings its lock token in its delivery annotations too: Python settles with that one", async () => {
    const client = connect();
    await client.createSender("plain").sendMessages({ body: 1 });
    const receiver = client.createReceiver("plain");
    const [message] = await receiver.receiveMessages(1);
    await receiver.deferMessage(message!);
    const [deferred] = await receiver.receiveDeferredMessages(message!.sequenceNumber!);
    // The SDK makes a plain object of the bytes.
    const token = deferred!._rawAmqpMessage.deliveryAnnotations?.["x-opt-lock-token"] as unknown as object;
    expect(Buffer.from(Object.values(token)).toString("hex")).toBe(deferred!.lockToken!.replaceAll("-", ""));
  });
});

describe("a queue with sessions", () => {
  test("refuses a message without one", async () => {
    const sending = connect().createSender("sessions").sendMessages({ body: 1 });
    await expect(sending).rejects.toThrow("The SessionId was not set on a message");
  });
});

describe("an entity that is disabled", () => {
  test("neither takes messages nor gives them, until it is active again", async () => {
    const admin = new ServiceBusAdministrationClient(bus.connectionString);
    const queue = await admin.createQueue("sleepy");
    await admin.updateQueue({ ...queue, status: "Disabled" });
    const disabled = { code: "MessagingEntityDisabled" };
    await expect(connect().createSender("sleepy").sendMessages({ body: 1 })).rejects.toMatchObject(disabled);
    await expect(connect().createReceiver("sleepy").receiveMessages(1)).rejects.toMatchObject(disabled);
    await admin.updateQueue({ ...queue, status: "Active" });
    await connect().createSender("sleepy").sendMessages({ body: 1 });
    expect(await connect().createReceiver("sleepy").receiveMessages(1)).toHaveLength(1);
  });
});

describe("a shared access signature", () => {
  test("is good for the entity it was made for, and no other", async () => {
    const client = new ServiceBusClient(
      bus.connectionString.replace(
        /SharedAccessKeyName=.*?;.*?;/,
        `SharedAccessSignature=${signFor("plain")};`,
      ),
      {
        retryOptions: { maxRetries: 0 },
      },
    );
    onTestFinished(() => client.close());
    await client.createSender("plain").sendMessages({ body: 1 });
    await expect(client.createSender("other").sendMessages({ body: 1 })).rejects.toMatchObject({
      code: "UnauthorizedAccess",
    });
  });
});

function signFor(entity: string): string {
  const [resource, expiry] = [encodeURIComponent(`sb://${bus.address}/${entity}`), Date.now() + 60_000];
  const seconds = Math.trunc(expiry / 1000);
  const signature = createHmac("sha256", "bG9jYWwga2V5").update(`${resource}\n${seconds}`).digest("base64");
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${seconds}&skn=RootManageSharedAccessKey`;
}

describe("the namespace", () => {
  test("describes itself", async () => {
    const admin = new ServiceBusAdministrationClient(bus.connectionString);
    expect(await admin.getNamespaceProperties()).toMatchObject({ name: "local", messagingSku: "Standard" });
  });
});
