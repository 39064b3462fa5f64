import { randomUUID } from "node:crypto";
import { EventHubConsumerClient, EventHubProducerClient } from "@azure/event-hubs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RunningEventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { systemClock } from "../../../local/part.ts";
import { collect } from "../../services/contract/event-hubs.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

const hub = "progress";
const retryOptions = { maxRetries: 2, retryDelayInMs: 10, timeoutInMs: 2_000 };
const credential = (token: string) => ({
  getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
});
let hubs: RunningEventHubs;
let producer: EventHubProducerClient;
let consumer: EventHubConsumerClient;

beforeAll(async () => {
  hubs = await startEventHubs({
    tls: await createTrustedCertificates(),
    hubs: [{ name: hub, partitions: 2 }],
    sharedAccessKey: "bG9jYWwga2V5",
    clock: systemClock,
    acceptToken: (token) => token === "good.entra.token",
  });
});
beforeEach(() => {
  producer = new EventHubProducerClient(hubs.connectionString, hub, { retryOptions });
  consumer = new EventHubConsumerClient("$Default", hubs.connectionString, hub, { retryOptions });
});
afterEach(async () => {
  hubs.faults.clear();
  await Promise.all([producer.close(), consumer.close()]);
});
afterAll(() => hubs.stop());

const send = (mark: string, body: unknown) =>
  producer.sendBatch([{ body, properties: { mark } }], { partitionId: "0" });

describe("sending", () => {
  test("the hub refuses every event until it is cleared", async () => {
    const clear = hubs.faults.refuseSends({ entity: hub, condition: "amqp:not-allowed" });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(send("refused", attempt)).rejects.toMatchObject({ code: "InvalidOperationError" });
    }
    clear();
    const mark = randomUUID();
    await send(mark, 1);
    expect(await collect(consumer, mark, 1)).toHaveLength(1);
  });

  test("a busy hub is tried again", async () => {
    hubs.faults.refuseSends({ times: 1 });
    const mark = randomUUID();
    await send(mark, 1);
    expect(await collect(consumer, mark, 1)).toHaveLength(1);
  });

  test("a cut after storing makes two of one", async () => {
    hubs.faults.cutSends({ stored: true, times: 1 });
    const mark = randomUUID();
    await send(mark, 1);
    expect(await collect(consumer, mark, 2, { partition: "0" })).toHaveLength(2);
  });
});

describe("receiving", () => {
  test("an event is delivered twice", async () => {
    const mark = randomUUID();
    await send(mark, 1);
    hubs.faults.duplicateDeliveries({ times: 1, entity: `${hub}/ConsumerGroups` });
    const position = {
      sequenceNumber: (await producer.getPartitionProperties("0")).lastEnqueuedSequenceNumber - 1,
    };
    expect(await collect(consumer, mark, 2, { partition: "0", position })).toHaveLength(2);
  });

  test("a reader whose link is cut goes on where it was", async () => {
    const mark = randomUUID();
    const reading = collect(consumer, mark, 2, {
      partition: "0",
      ready: async () => {
        await send(mark, 1);
        hubs.faults.cutConnections(hub);
        await send(mark, 2);
      },
    });
    expect((await reading).map(({ body }) => body as unknown)).toEqual([1, 2]);
  });

  test("events are held back", async () => {
    hubs.faults.delayDeliveries({ milliseconds: 300, times: 1 });
    const mark = randomUUID();
    await send(mark, 1);
    const begun = performance.now();
    await collect(consumer, mark, 1, { partition: "0" });
    expect(performance.now() - begun).toBeGreaterThan(250);
  });
});

describe("credentials", () => {
  test("an Entra identity over TLS", async () => {
    const client = new EventHubProducerClient(hubs.address, hub, credential("good.entra.token"));
    expect(await client.getPartitionIds()).toEqual(["0", "1"]);
    await client.close();
  });

  test("a wrong key and another's token are refused", async () => {
    const wrongKey = hubs.connectionString.replace("bG9jYWwga2V5", "d3Jvbmcga2V5");
    const clients = [
      new EventHubProducerClient(wrongKey, hub, { retryOptions: { maxRetries: 0 } }),
      new EventHubProducerClient(hubs.address, hub, credential("bad"), { retryOptions: { maxRetries: 0 } }),
    ];
    for (const client of clients) {
      await expect(client.sendBatch([{ body: 1 }])).rejects.toMatchObject({ code: "UnauthorizedError" });
      await client.close();
    }
  });
});
