import { randomUUID } from "node:crypto";
import {
  earliestEventPosition,
  type EventHubConsumerClient,
  type EventHubProducerClient,
  type EventPosition,
  latestEventPosition,
  type ReceivedEventData,
  type Subscription,
} from "@azure/event-hubs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A hub with at least two partitions and a second consumer group, and how its clients are made. */
export interface EventHubsSubject {
  produce(): EventHubProducerClient;
  consume(consumerGroup: string): EventHubConsumerClient;
  /** A consumer group besides `$Default`. */
  readonly consumerGroup: string;
}

/** What a client may expect of a hub. Works on a hub that holds other events too. */
export function describeEventHubs(
  name: string,
  open: () => EventHubsSubject | Promise<EventHubsSubject>,
): void {
  describe(`Event Hubs: ${name}`, () => {
    let subject: EventHubsSubject;
    let producer: EventHubProducerClient;
    let consumer: EventHubConsumerClient;

    beforeAll(async () => {
      subject = await open();
      producer = subject.produce();
      consumer = subject.consume("$Default");
    });
    afterAll(async () => {
      await Promise.all([producer.close(), consumer.close()]);
    });

    test("an event comes as it was sent", async () => {
      const mark = randomUUID();
      const event = {
        body: { list: [1, 2.5, null] },
        properties: { mark, whole: 7, flag: true },
        messageId: mark,
        correlationId: "c",
        contentType: "application/json",
      };
      await producer.sendBatch([event]);
      const [received] = await collect(consumer, mark, 1);
      expect(received).toMatchObject(event);
      expect(received!.enqueuedTimeUtc.getTime()).toBeGreaterThan(Date.now() - 60_000);
    });

    test("a batch goes to the partition asked for, in order", async () => {
      const mark = randomUUID();
      const batch = await producer.createBatch({ partitionId: "1" });
      for (let body = 0; body < 50; body += 1)
        expect(batch.tryAdd({ body, properties: { mark } })).toBe(true);
      const before = await producer.getPartitionProperties("1");
      await producer.sendBatch(batch);
      const after = await producer.getPartitionProperties("1");
      expect(after.lastEnqueuedSequenceNumber - before.lastEnqueuedSequenceNumber).toBe(50);
      expect(after.isEmpty).toBe(false);
      const events = await collect(consumer, mark, 50, { partition: "1" });
      expect(events.map(({ body }) => body as unknown)).toEqual(
        Array.from({ length: 50 }, (_, index) => index),
      );
    });

    test("one key always goes to one partition", async () => {
      const mark = randomUUID();
      const properties = { mark };
      for (let body = 0; body < 5; body += 1) {
        await producer.sendBatch([{ body, properties }], { partitionKey: "target-7" });
      }
      const partitions = new Set<string>();
      const events = await collect(consumer, mark, 5, { partitions });
      expect(partitions.size).toBe(1);
      expect(new Set(events.map(({ partitionKey }) => partitionKey))).toEqual(new Set(["target-7"]));
    });

    test("reading begins where it is asked to", async () => {
      const mark = randomUUID();
      const send = (body: number) =>
        producer.sendBatch([{ body, properties: { mark } }], { partitionId: "0" });
      for (const body of [1, 2, 3]) await send(body);
      const all = await collect(consumer, mark, 3, { partition: "0" });
      const from = async (position: EventPosition, count: number) =>
        (await collect(consumer, mark, count, { partition: "0", position })).map(
          ({ body }) => body as unknown,
        );
      const { sequenceNumber, offset } = all[1]!;
      expect(await from({ sequenceNumber }, 1)).toEqual([3]);
      expect(await from({ sequenceNumber, isInclusive: true }, 2)).toEqual([2, 3]);
      expect(await from({ offset }, 1)).toEqual([3]);
      const enqueuedOn = all[0]!.enqueuedTimeUtc.getTime() - 1;
      expect(await from({ enqueuedOn }, 3)).toEqual([1, 2, 3]);
      const latest = collect(consumer, mark, 1, {
        partition: "0",
        position: latestEventPosition,
        ready: () => send(4),
      });
      expect((await latest).map(({ body }) => body as unknown)).toEqual([4]);
    });

    test("each consumer group gets every event", async () => {
      const mark = randomUUID();
      await producer.sendBatch([{ body: 1, properties: { mark } }]);
      const other = subject.consume(subject.consumerGroup);
      expect(await collect(other, mark, 1)).toHaveLength(1);
      expect(await collect(consumer, mark, 1)).toHaveLength(1);
      await other.close();
    });

    test("a higher owner level takes a partition over", async () => {
      const failures: string[] = [];
      const subscribe = (client: EventHubConsumerClient, ownerLevel: number, seen: unknown[]) =>
        client.subscribe(
          "0",
          {
            processEvents: (events) =>
              Promise.resolve(void seen.push(...events.map(({ body }) => body as unknown))),
            processError: (error) =>
              Promise.resolve(void failures.push((error as { code?: string }).code ?? "")),
          },
          { ownerLevel, startPosition: earliestEventPosition, maxWaitTimeInSeconds: 1 },
        );
      const [first, second] = [subject.consume("$Default"), subject.consume("$Default")];
      const [seen, taken]: [unknown[], unknown[]] = [[], []];
      const weak = subscribe(first, 1, seen);
      await producer.sendBatch([{ body: "owner" }], { partitionId: "0" });
      await expect.poll(() => seen, { timeout: 10_000 }).toContain("owner");
      const strong = subscribe(second, 2, taken);
      await expect.poll(() => taken, { timeout: 10_000 }).toContain("owner");
      await expect.poll(() => failures, { timeout: 10_000 }).toContain("ReceiverDisconnectedError");
      await Promise.all([weak.close(), strong.close()]);
      await Promise.all([first.close(), second.close()]);
    });

    test("hub and partitions tell of themselves; what is not there is refused", async () => {
      const { partitionIds } = await producer.getEventHubProperties();
      expect(partitionIds.length).toBeGreaterThanOrEqual(2);
      await expect(producer.getPartitionProperties("99")).rejects.toMatchObject({
        code: "ArgumentOutOfRangeError",
      });
      const stranger = subject.consume("nobody");
      const failures: unknown[] = [];
      const subscription = stranger.subscribe("0", {
        processEvents: () => Promise.resolve(),
        processError: (error) => Promise.resolve(void failures.push(error)),
      });
      await expect.poll(() => failures, { timeout: 10_000 }).not.toHaveLength(0);
      await subscription.close();
      await stranger.close();
    });

    test("a batch has a limit", async () => {
      const batch = await producer.createBatch();
      expect(batch.tryAdd({ body: "x".repeat(900_000) })).toBe(true);
      expect(batch.tryAdd({ body: "x".repeat(200_000) })).toBe(false);
    });
  });
}

interface Collection {
  readonly partition?: string;
  readonly position?: EventPosition;
  /** Receives the ids of the partitions that events came from. */
  readonly partitions?: Set<string>;
  /** Called once reading has begun. */
  readonly ready?: () => Promise<void>;
}

/** Reads until so many events with this mark came. */
export async function collect(
  consumer: EventHubConsumerClient,
  mark: string,
  count: number,
  options: Collection = {},
): Promise<ReceivedEventData[]> {
  const found: ReceivedEventData[] = [];
  let begun = false;
  const handlers = {
    // With nothing there the SDK calls with no events after the wait: then reading has begun for sure.
    processEvents: (events: ReceivedEventData[], { partitionId }: { partitionId: string }) => {
      begun ||= events.length === 0;
      const mine = events.filter(({ properties }) => properties?.["mark"] === mark);
      if (mine.length > 0) options.partitions?.add(partitionId);
      found.push(...mine);
      return Promise.resolve();
    },
    processError: (error: Error) => Promise.reject(error),
  };
  const settings = { startPosition: options.position ?? earliestEventPosition, maxWaitTimeInSeconds: 0.2 };
  const subscription: Subscription =
    options.partition === undefined
      ? consumer.subscribe(handlers, settings)
      : consumer.subscribe(options.partition, handlers, settings);
  if (options.ready) {
    await expect.poll(() => begun, { timeout: 10_000 }).toBe(true);
    await options.ready();
  }
  await expect.poll(() => found.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
  await subscription.close();
  return found;
}
