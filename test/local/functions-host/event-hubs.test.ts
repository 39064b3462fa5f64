import { randomUUID } from "node:crypto";
import { type EventData, EventHubProducerClient } from "@azure/event-hubs";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type RunningEventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { type FunctionsHost, startFunctionsHost } from "../../../local/functions-host/host.ts";
import type { Settings } from "../../../local/functions-host/options.ts";
import { type RunningIdentity, startIdentity } from "../../../local/identity/server.ts";
import { systemClock } from "../../../local/part.ts";
import { type RunningStorage, startStorage } from "../../../local/storage/azurite.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";
import { seen } from "./fixtures/seen.ts";

interface Batch {
  readonly messages: readonly unknown[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const clientId = randomUUID();
const audience = "https://eventhubs.azure.net";
let parts: [RunningStorage, RunningIdentity, RunningEventHubs];
let withKey: Settings;
let withIdentity: Settings;
let host: FunctionsHost;
const logged: string[] = [];

/** A producer for each send: one that outlives a cut waits a minute for the answer that was under way. */
const send = async (events: EventData[], partitionKey?: string): Promise<void> => {
  const producer = new EventHubProducerClient(parts[2].connectionString, "progress");
  await producer.sendBatch(events, partitionKey === undefined ? {} : { partitionKey });
  await producer.close();
};

const start = async (settings: Settings): Promise<void> => {
  host = await startFunctionsHost({
    app: [new URL("./fixtures/events-app.ts", import.meta.url)],
    port: 0,
    keys: { master: "m", function: {} },
    hostJson: { version: "2.0", extensions: { eventHubs: { maxEventBatchSize: 50 } } },
    settings,
    clock: systemClock,
    log: (_level, _category, message) => logged.push(message),
  });
};

beforeAll(async () => {
  const tls = await createTrustedCertificates();
  const principalId = randomUUID();
  const identity = await startIdentity({
    tls,
    identities: [{ name: "host", clientId, principalId, resourceId: "/host" }],
  });
  const managed = await identity.openHost({ identities: [clientId], form: "app-service" });
  const events = await startEventHubs({
    tls,
    hubs: [{ name: "progress", partitions: 3, consumerGroups: ["second"] }],
    sharedAccessKey: "c2VjcmV0",
    clock: systemClock,
    acceptToken: (jwt) => identity.verifyToken(jwt, { audience }) !== undefined,
  });
  const storage = await startStorage();
  parts = [storage, identity, events];
  const common = { AzureWebJobsStorage: storage.connectionString, EVENT_HUB: "progress" };
  withKey = { ...common, EVENTS: events.connectionString };
  withIdentity = {
    ...common,
    ...managed.env,
    EVENTS__fullyQualifiedNamespace: events.address,
    EVENTS__credential: "managedidentity",
    EVENTS__clientId: clientId,
  };
  await start(withKey);
});
afterAll(async () => {
  await host.stop();
  await Promise.all(parts.map((part) => part.stop()));
});
beforeEach(() => {
  for (const name of Object.keys(seen)) seen[name] = [];
  logged.length = 0;
});

const batches = (): readonly Batch[] => (seen["batched"] ?? []) as Batch[];
const received = (): unknown[] => batches().flatMap(({ messages }) => messages);
const arrived = (count: number): Promise<void> =>
  vi.waitFor(
    () => {
      expect(received()).toHaveLength(count);
    },
    { timeout: 15_000, interval: 5 },
  );

describe("an Event Hubs trigger", () => {
  it("hands over a batch with what is known of each event", async () => {
    const body = { runId: "r", Nested: { A: 1 } };
    await send([{ body, properties: { type: "x" } }, { body: "text" }], "k");
    await arrived(2);
    const [batch] = batches();
    expect(batch?.messages).toEqual([body, "text"]);
    expect(batch?.metadata).toMatchObject({
      partitionContext: { eventHubName: "progress", consumerGroup: "$Default" },
      partitionKeyArray: ["k", "k"],
      sequenceNumberArray: [0, 1],
      propertiesArray: [{ type: "x" }, {}],
      offsetArray: [expect.any(String), expect.any(String)],
      enqueuedTimeUtcArray: [expect.stringMatching(/^2.*Z$/), expect.stringMatching(/^2.*Z$/)],
    });
  });

  it("hands over one event at a time, to each consumer group", async () => {
    await send([{ body: { one: 1 } }, { body: { one: 2 } }], "k");
    const singles = await vi.waitFor(() => {
      // Those of other tests may still be on their way to this consumer group.
      const mine = (seen["single"] ?? []).filter((each) => JSON.stringify(each).includes('"one"'));
      expect(mine).toHaveLength(2);
      return mine;
    });
    expect(singles).toMatchObject([
      { message: { one: 1 }, metadata: { partitionKey: "k", partitionContext: { consumerGroup: "second" } } },
      { message: { one: 2 } },
    ]);
  });

  it("is fast: an event is with its function within 100 ms", async () => {
    const producer = new EventHubProducerClient(parts[2].connectionString, "progress");
    const waits: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const sent = Date.now();
      await producer.sendBatch([{ body: { n } }]);
      await arrived(n + 1);
      waits.push((batches().at(-1)?.at ?? 0) - sent);
    }
    await producer.close();
    // The best of five: the machine may be busy with something else.
    expect(Math.min(...waits)).toBeLessThan(100);
  });

  it("keeps a partition's order and host.json's batch size", async () => {
    const bodies = Array.from({ length: 200 }, (_, n) => ({ n }));
    await send(
      bodies.map((body) => ({ body })),
      "one",
    );
    await arrived(200);
    expect(received()).toEqual(bodies);
    expect(Math.max(...batches().map(({ messages }) => messages.length))).toBeLessThanOrEqual(50);
  });

  it("goes on after a failure, and does not deliver again", async () => {
    await send([{ body: "poison" }], "k");
    await arrived(1);
    await send([{ body: "next" }], "k");
    await arrived(2);
    expect(logged.join("\n")).toContain("poisoned");
  });

  it("finds the events again when the connection was cut", async () => {
    parts[2].faults.cutConnections();
    await send([{ body: "after the cut" }]);
    await arrived(1);
  });
});

describe("after a restart", () => {
  it("goes on where the checkpoints are, which lie where the real host has them", async () => {
    await send([{ body: "before" }], "k");
    await arrived(1);
    await host.stop();
    await send([{ body: "meanwhile" }], "k");
    await start(withKey);
    await arrived(2);
    expect(received()).toEqual(["before", "meanwhile"]);

    const blobs = BlobServiceClient.fromConnectionString(parts[0].connectionString)
      .getContainerClient("azure-webjobs-eventhub")
      .listBlobsFlat({ prefix: "localhost/progress/$default/checkpoint/" });
    expect((await blobs.next()).done).toBe(false);
  });

  it("may use a managed identity in place of a key", async () => {
    await host.stop();
    await start(withIdentity);
    await send([{ body: "with a token" }]);
    await arrived(1);
    expect(process.env["IDENTITY_ENDPOINT"]).toBeDefined();
  });

  it("does not start without the connection's setting", async () => {
    await host.stop();
    const { EVENTS: _, ...settings } = withKey;
    await expect(start(settings)).rejects.toThrow('"EVENTS" or "EVENTS__fullyQualifiedNamespace"');
  });
});
