import { request } from "node:http";
import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../../local/service-bus/server.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

const noRetry = { retryOptions: { maxRetries: 0 } };
const credential = (token: string) => ({
  getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
});
let bus: RunningServiceBus;

beforeAll(async () => {
  const tls = await createTrustedCertificates();
  bus = await startServiceBus({
    tls,
    topics: [{ name: "runs" }],
    sharedAccessKey: "bG9jYWwga2V5",
    clock: systemClock,
    acceptToken: (token) => token === "good.entra.token",
  });
});
afterAll(() => bus.stop());

async function send(client: ServiceBusClient): Promise<void> {
  try {
    await client.createSender("runs").sendMessages({ body: 1 });
  } finally {
    await client.close();
  }
}

describe("one port", () => {
  test("serves messages in plain AMQP and administration over HTTPS by the one connection string", async () => {
    await send(new ServiceBusClient(bus.connectionString));
    const admin = new ServiceBusAdministrationClient(bus.connectionString);
    expect(await admin.topicExists("runs")).toBe(true);
  });

  test("serves both over TLS to an Entra identity", async () => {
    await send(new ServiceBusClient(bus.address, credential("good.entra.token")));
    const admin = new ServiceBusAdministrationClient(bus.address, credential("good.entra.token"));
    expect(await admin.topicExists("runs")).toBe(true);
  });

  test("serves administration over plain HTTP", async () => {
    const status = await new Promise((resolve, reject) => {
      const call = request(`http://${bus.address}/runs`, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on("error", reject).end();
    });
    expect(status).toBe(401);
  });
});

describe("is refused", () => {
  test("a wrong key", async () => {
    const wrong = bus.connectionString.replace("bG9jYWwga2V5", "d3Jvbmcga2V5");
    await expect(send(new ServiceBusClient(wrong, noRetry))).rejects.toMatchObject({
      code: "UnauthorizedAccess",
    });
    const admin = new ServiceBusAdministrationClient(wrong);
    await expect(admin.getTopic("runs")).rejects.toMatchObject({ statusCode: 401 });
  });

  test("an unknown key name", async () => {
    const wrong = bus.connectionString.replace("RootManage", "Other");
    await expect(send(new ServiceBusClient(wrong, noRetry))).rejects.toMatchObject({
      code: "UnauthorizedAccess",
    });
  });

  test("another's token", async () => {
    const stranger = credential("bad.entra.token");
    await expect(send(new ServiceBusClient(bus.address, stranger, noRetry))).rejects.toMatchObject({
      code: "UnauthorizedAccess",
    });
    const admin = new ServiceBusAdministrationClient(bus.address, stranger);
    await expect(admin.getTopic("runs")).rejects.toMatchObject({ statusCode: 401 });
  });
});
