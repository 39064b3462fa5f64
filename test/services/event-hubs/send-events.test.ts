import { EventHubConsumerClient, earliestEventPosition } from "@azure/event-hubs";
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

const event = (place: number, sequence: number): TargetEvent => ({
  type: "started",
  runId: toRunId(new Date(0), "abcdef"),
  targetId: toTargetId(place),
  bucket: 0,
  position: { round: 1, delivery: 1, sequence },
  workerId: "w",
  at: new Date(0).toISOString(),
});

describe("createEventSender", () => {
  it("sends every event, those of one target in order", async () => {
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
      { startPosition: earliestEventPosition },
    );
    const sender = createEventSender(hubs.connectionString, "sqlfleet", vi.fn());
    for (let place = 1; place <= 50; place += 1) {
      sender.send(event(place, 1));
      sender.send(event(place, 2));
    }
    await sender.close(5_000);
    await vi.waitFor(
      () => {
        expect(received).toHaveLength(100);
      },
      { timeout: 10_000 },
    );
    const seen = new Map<string, number>();
    for (const { targetId, position } of received) {
      expect(position.sequence).toBe((seen.get(targetId) ?? 0) + 1);
      seen.set(targetId, position.sequence);
    }
    await subscription.close();
    await consumer.close();
  });

  it("neither waits nor fails when the hub is not there", async () => {
    const dropped = vi.fn();
    const nowhere = hubs.connectionString.replace(/localhost:\d+/, "localhost:1");
    const sender = createEventSender(nowhere, "sqlfleet", dropped);
    sender.send(event(1, 1));
    const before = performance.now();
    await sender.close(300);
    expect(performance.now() - before).toBeLessThan(1_500);
  });
});
