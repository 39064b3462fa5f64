import { EventHubConsumerClient, latestEventPosition } from "@azure/event-hubs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type RunningEventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { systemClock } from "../../../local/part.ts";
import { toRunId, toTargetId } from "../../../model/ids.ts";
import { TargetEvent } from "../../../model/messages.ts";
import { createEventSender } from "../../../services/event-hubs/send-events.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";

let hubs: RunningEventHubs;

beforeAll(async () => {
  hubs = await startEventHubs({
    tls: await createTrustedCertificates(),
    hubs: [{ name: "sqlfleet", partitions: 4 }],
    sharedAccessKey: "a-key",
    clock: systemClock,
  });
});

afterAll(async () => {
  await hubs.stop();
});

const base = (place: number, sequence: number) => ({
  runId: toRunId(new Date(0), "abcdef"),
  targetId: toTargetId(place),
  bucket: 0,
  position: { round: 1, delivery: 1, sequence },
  workerId: "w",
  at: new Date(0).toISOString(),
});

const start = (place: number): TargetEvent => ({ type: "started", ...base(place, 1) });

const end = (place: number): TargetEvent => ({
  type: "ended",
  ...base(place, 2),
  outcome: {
    state: "committed",
    attempts: 1,
    startedAt: new Date(0).toISOString(),
    endedAt: new Date(0).toISOString(),
    databases: [{ name: "db", state: "committed" }],
  },
});

const places = Array.from({ length: 50 }, (_, index) => index + 1);

const patience = { timeout: 10_000 };

describe("createEventSender", () => {
  /** What a reader of the whole hub has got so far. */
  async function read(use: (received: readonly TargetEvent[]) => Promise<void>): Promise<void> {
    const received: TargetEvent[] = [];
    const consumer = new EventHubConsumerClient("$Default", hubs.connectionString, "sqlfleet");
    const subscription = consumer.subscribe(
      {
        processEvents: (events) => {
          received.push(...events.map(({ body }) => TargetEvent.parse(body)));
          return Promise.resolve();
        },
        processError: () => Promise.resolve(),
      },
      { startPosition: latestEventPosition },
    );
    await consumer.getPartitionIds();
    try {
      await use(received);
    } finally {
      await subscription.close();
      await consumer.close();
    }
  }

  it("sends every event, those of one target in order", async () => {
    await read(async (received) => {
      const sender = createEventSender(hubs.connectionString, "sqlfleet", vi.fn());
      for (const place of places) sender.send(start(place));
      await vi.waitFor(() => {
        expect(received.map(({ type }) => type)).toEqual(places.map(() => "started"));
      }, patience);
      for (const place of places) sender.send(end(place));
      await sender.close(5_000);
      await vi.waitFor(() => {
        expect(received.slice(50).map(({ type }) => type)).toEqual(places.map(() => "ended"));
      }, patience);
    });
  });

  it("leaves out a start that its end has overtaken", async () => {
    await read(async (received) => {
      const sender = createEventSender(hubs.connectionString, "sqlfleet", vi.fn());
      for (const place of places) sender.send(start(place));
      for (const place of places.slice(10)) sender.send(end(place));
      await sender.close(5_000);
      await vi.waitFor(() => {
        expect(received).toHaveLength(50);
      }, patience);
      expect(received.filter(({ type }) => type === "started")).toHaveLength(10);
    });
  });

  it("neither waits nor fails when the hub is not there", async () => {
    const dropped = vi.fn();
    const nowhere = hubs.connectionString.replace(/localhost:\d+/, "localhost:1");
    const sender = createEventSender(nowhere, "sqlfleet", dropped);
    sender.send(start(1));
    const before = performance.now();
    await sender.close(300);
    expect(performance.now() - before).toBeLessThan(1_500);
  });
});
