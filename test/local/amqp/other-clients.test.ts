import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type RunningEventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { systemClock } from "../../../local/part.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";
import { connectRaw, happening, type RawClient, showToken } from "./raw-client.ts";

const token = "good.entra.token";
let hubs: RunningEventHubs;

beforeAll(async () => {
  hubs = await startEventHubs({
    tls: await createTrustedCertificates(),
    hubs: [{ name: "events", partitions: 2 }],
    sharedAccessKey: "bG9jYWwga2V5",
    clock: systemClock,
    acceptToken: (given) => given === token,
  });
});
afterAll(() => hubs.stop());

async function connect(): Promise<RawClient> {
  const client = await connectRaw(hubs.port);
  onTestFinished(() => client.close());
  return client;
}

/** The fields of a frame or a composite as they came, nulls at the end included. */
const fields = (composite: unknown): number => (composite as { value: unknown[] }).value.length;

describe("frames", () => {
  test("have all their fields, as the services write them: Python's clients take them by position", async () => {
    const client = await connect();
    await showToken(client, token);
    const { session, remote } = (await client.openSender("events")) as unknown as {
      session: { remote: Record<"begin", { handle_max: number }> };
      remote: Record<"attach", { source: unknown; target: unknown; properties: object }>;
    };
    const { open } = (client.connection as unknown as { remote: Record<"open", { idle_time_out: number }> })
      .remote;
    expect([open, session.remote.begin, remote.attach].map(fields)).toEqual([10, 8, 14]);
    expect([remote.attach.source, remote.attach.target].map(fields)).toEqual([11, 7]);
    expect(open.idle_time_out).toBe(240_000);
    expect(session.remote.begin.handle_max).toBe(255);
    expect(Object.keys(remote.attach.properties)).toEqual(["com.microsoft:tracking-id"]);
  });
});

describe("requests", () => {
  test("without a place to answer are answered on the link from the address asked, with their id", async () => {
    const client = await connect();
    await showToken(client, token);
    expect(client.messages).toMatchObject([
      { correlation_id: 0, application_properties: { "status-code": 202 } },
    ]);
  });

  test("are accepted before they are answered, each of them", async () => {
    const client = await connect();
    await showToken(client, token);
    await client.openReceiver("$management");
    const sender = await client.openSender("$management");
    for (const id of [1, 2]) {
      const answered = happening(client.connection, "message");
      sender.send({
        message_id: id as unknown as string,
        body: null,
        application_properties: { operation: "READ", type: "com.microsoft:eventhub", name: "events" },
      });
      await answered;
    }
    const inOrder = ["disposition", "transfer"];
    expect(client.frames).toEqual([...inOrder, ...inOrder, ...inOrder]);
    expect(client.messages.slice(1)).toMatchObject([
      { correlation_id: 1, application_properties: { "status-code": 200 } },
      { correlation_id: 2, application_properties: { "status-code": 200 } },
    ]);
  });
});

describe("addresses", () => {
  test("may be whole: amqps://host/path", async () => {
    const client = await connect();
    await showToken(client, token);
    const sender = await client.openSender(`amqps://${hubs.address}/events/Partitions/1`);
    sender.send({ body: "hello" });
    await client.openReceiver(`amqps://${hubs.address}/events/ConsumerGroups/$Default/Partitions/1`);
    await happening(client.connection, "message");
    expect(client.messages.at(-1)).toMatchObject({ body: "hello" });
  });
});
