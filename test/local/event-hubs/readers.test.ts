import {
  EventHubConsumerClient,
  EventHubProducerClient,
  earliestEventPosition,
  type LastEnqueuedEventProperties,
} from "@azure/event-hubs";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type RunningEventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { systemClock } from "../../../local/part.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

const options = { retryOptions: { maxRetries: 0 } };
let hubs: RunningEventHubs;

beforeAll(async () => {
  hubs = await startEventHubs({
    tls: await createTrustedCertificates(),
    hubs: [{ name: "events", partitions: 1 }],
    sharedAccessKey: "bG9jYWwga2V5",
    clock: systemClock,
  });
  const producer = new EventHubProducerClient(hubs.connectionString, "events", options);
  await producer.sendBatch([{ body: "first" }, { body: "second" }]);
  await producer.close();
});
afterAll(() => hubs.stop());

function read(): { received: number; last: LastEnqueuedEventProperties | undefined; errors: string[] } {
  const seen: ReturnType<typeof read> = { received: 0, last: undefined, errors: [] };
  const consumer = new EventHubConsumerClient("$Default", hubs.connectionString, "events", options);
  onTestFinished(() => consumer.close());
  consumer.subscribe(
    "0",
    {
      processEvents: (events, { lastEnqueuedEventProperties }) => {
        seen.received += events.length;
        seen.last = lastEnqueuedEventProperties;
        return Promise.resolve();
      },
      processError: ({ message }) => {
        seen.errors.push(message);
        return Promise.resolve();
      },
    },
    { startPosition: earliestEventPosition, trackLastEnqueuedEventProperties: true },
  );
  return seen;
}

test("a reader that asks is told of the partition's newest event", async () => {
  const seen = read();
  await vi.waitFor(() => {
    expect(seen.last).toMatchObject({ sequenceNumber: 1 });
  });
  expect(seen.last?.enqueuedOn?.getTime()).toBeGreaterThan(0);
});

test("a consumer group has five readers of a partition at most, unless they have an epoch", async () => {
  const five = Array.from({ length: 5 }, read);
  await vi.waitFor(() => {
    expect(five.map(({ received }) => received)).toEqual([2, 2, 2, 2, 2]);
  });
  const sixth = read();
  await vi.waitFor(() => {
    expect(sixth.errors[0]).toContain("allowed receivers per partition in a consumer group which is 5");
  });
});
