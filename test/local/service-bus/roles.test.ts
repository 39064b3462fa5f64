import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Right } from "../../../local/amqp/tokens.ts";
import { systemClock } from "../../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../../local/service-bus/server.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

const noRetry = { retryOptions: { maxRetries: 0 } };
const roles: Readonly<Record<string, readonly Right[]>> = {
  owner: ["manage", "send", "listen"],
  sender: ["send"],
  receiver: ["listen"],
};
let bus: RunningServiceBus;

beforeAll(async () => {
  bus = await startServiceBus({
    tls: await createTrustedCertificates(),
    topics: [{ name: "runs" }],
    sharedAccessKey: "bG9jYWwga2V5",
    clock: systemClock,
    acceptToken: (token) => roles[token] ?? false,
  });
  await admin("owner").createSubscription("runs", "one");
});
afterAll(() => bus.stop());

const as = (role: string) => ({
  getToken: () => Promise.resolve({ token: role, expiresOnTimestamp: Date.now() + 3_600_000 }),
});
const admin = (role: string) => new ServiceBusAdministrationClient(bus.address, as(role));

async function withClient<T>(role: string, act: (client: ServiceBusClient) => Promise<T>): Promise<T> {
  const client = new ServiceBusClient(bus.address, as(role), noRetry);
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}
const send = (role: string) =>
  withClient(role, (client) => client.createSender("runs").sendMessages({ body: role }));
const receive = (role: string) =>
  withClient(role, async (client) => {
    const [message] = await client
      .createReceiver("runs", "one", { receiveMode: "receiveAndDelete" })
      .receiveMessages(1, { maxWaitTimeInMs: 2_000 });
    return message?.body as unknown;
  });

describe("roles of identities", () => {
  test.each(["sender", "receiver"])("a %s does not manage subscriptions", async (role) => {
    await expect(admin(role).createSubscription("runs", "two")).rejects.toMatchObject({
      statusCode: 401,
      message: expect.stringContaining("'Manage' claim(s) are required"),
    });
    await expect(admin(role).deleteSubscription("runs", "one")).rejects.toMatchObject({ statusCode: 401 });
  });

  test("a receiver receives and does not send; a sender sends and does not receive", async () => {
    await send("sender");
    expect(await receive("receiver")).toBe("sender");
    await expect(send("receiver")).rejects.toMatchObject({ code: "UnauthorizedAccess" });
    await expect(receive("sender")).rejects.toMatchObject({ code: "UnauthorizedAccess" });
  });
});
