import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MessageQueue, type Settlement } from "../../../../local/service-bus/state/message-queue.ts";
import {
  defaultQueueSettings,
  type QueueSettings,
} from "../../../../local/service-bus/state/queue-settings.ts";
import { OpenShelf } from "../../../../local/service-bus/state/shelf.ts";
import { createManualClock } from "../../functions-host/manual-clock.ts";
import { createMessage } from "./test-message.ts";
import { TestReceiver } from "./test-receiver.ts";

const complete: Settlement = { kind: "complete" };
const abandon: Settlement = { kind: "abandon", changes: {} };

function createQueue(settings: Partial<QueueSettings> = {}) {
  const clock = createManualClock("2026-01-01T00:00:00Z");
  const options = { clock, settings: { ...defaultQueueSettings, ...settings } };
  const deadLetters = new MessageQueue({
    ...options,
    path: "q/$DeadLetterQueue",
    settings: defaultQueueSettings,
  });
  const queue = new MessageQueue({ ...options, path: "q", deadLetters });
  return {
    clock,
    queue,
    deadLetters,
    send: (id: string, more = {}) => queue.enqueue(createMessage({ message_id: id, ...more })),
  };
}

function attach(queue: MessageQueue, credit = Infinity): TestReceiver {
  const receiver = new TestReceiver(credit);
  if (queue.shelf instanceof OpenShelf) queue.shelf.attach(receiver);
  queue.shelf.pump();
  return receiver;
}

describe("delivery", () => {
  test("receivers are served in turn, and no more than they ask for", () => {
    const { queue, send } = createQueue();
    const [one, two] = [attach(queue, 1), attach(queue, 3)];
    for (const id of ["a", "b", "c", "d", "e"]) send(id);
    expect([one.locks.length, two.locks.length]).toEqual([1, 3]);
    one.credit = 1;
    queue.shelf.pump();
    expect([...one.messageIds, ...two.messageIds].sort()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("an abandoned message comes before those after it", () => {
    const { queue, send } = createQueue();
    for (const id of ["a", "b", "c"]) send(id);
    const receiver = attach(queue, 2);
    queue.settle(receiver.locks[0]!.token, abandon);
    receiver.credit = 2;
    queue.shelf.pump();
    expect(receiver.messageIds).toEqual(["a", "b", "a", "c"]);
  });
});

describe("locks", () => {
  test("end to the millisecond", async () => {
    const { queue, clock, send } = createQueue({ lockDuration: 30_000 });
    send("a");
    const [first, second] = [attach(queue, 1), attach(queue, 1)];
    const late = [...first.locks, ...second.locks][0]!;
    await clock.advance(29_999);
    expect(first.locks.length + second.locks.length).toBe(1);
    await clock.advance(1);
    expect(first.locks.length + second.locks.length).toBe(2);
    expect(queue.settle(late.token, complete)).toBe(false);
    expect(queue.renew(late.token)).toBeUndefined();
  });

  test("last as long as they are renewed", async () => {
    const { queue, clock, send } = createQueue({ lockDuration: 30_000 });
    send("a");
    const [lock] = attach(queue, 1).locks;
    for (let round = 0; round < 100; round += 1) {
      await clock.advance(29_000);
      expect(queue.renew(lock!.token)).toBe(clock.now() + 30_000);
    }
    expect(queue.settle(lock!.token, complete)).toBe(true);
    expect(queue.counts.total).toBe(0);
  });

  test("outlive the receiver", async () => {
    const { queue, clock, send } = createQueue({ lockDuration: 30_000 });
    send("a");
    const gone = attach(queue, 1);
    queue.shelf.detach(gone);
    const next = attach(queue);
    await clock.advance(29_999);
    expect(next.locks).toHaveLength(0);
    await clock.advance(1);
    expect(next.locks[0]?.message.deliveryCount).toBe(1);
  });

  test("dropped now are as good as expired", () => {
    const { queue, send } = createQueue();
    send("a");
    const receiver = attach(queue);
    expect(queue.expireLocks()).toBe(1);
    expect(receiver.locks.map(({ message }) => message.deliveryCount)).toEqual([1, 1]);
  });
});

describe("the ways out", () => {
  test("too many deliveries", async () => {
    const { queue, clock, deadLetters, send } = createQueue({ maxDeliveryCount: 3 });
    send("a");
    const receiver = attach(queue);
    queue.settle(receiver.locks[0]!.token, abandon);
    await clock.advance(60_000);
    queue.settle(receiver.locks[2]!.token, abandon);
    expect(queue.counts.total).toBe(0);
    const [dead] = deadLetters.peek(0, 1);
    expect(dead?.deadLetterSource).toBe("q");
    expect(dead?.content.applicationProperties["DeadLetterReason"]).toBe("MaxDeliveryCountExceeded");
  });

  test("expiry, but not while someone has it", async () => {
    const { queue, clock, deadLetters, send } = createQueue({ deadLetterOnExpiration: true });
    send("held", { ttl: 1_000 });
    const receiver = attach(queue, 1);
    send("waiting", { ttl: 1_000 });
    await clock.advance(1_000);
    expect(deadLetters.peek(0, 9)).toHaveLength(1);
    queue.settle(receiver.locks[0]!.token, abandon);
    expect(deadLetters.peek(0, 9)).toHaveLength(2);
    expect(queue.counts.total).toBe(0);
  });

  test("deferral, until it is asked for by number", () => {
    const { queue, send } = createQueue();
    const number = send("a");
    const receiver = attach(queue);
    queue.settle(receiver.locks[0]!.token, { kind: "defer", changes: {} });
    expect(receiver.locks).toHaveLength(1);
    const lock = queue.takeDeferred(number)!;
    expect(queue.takeDeferred(number)).toBeUndefined();
    queue.settle(lock.token, complete);
    expect(queue.counts.total).toBe(0);
  });

  test("cancelling before its time", async () => {
    const { queue, clock } = createQueue();
    const number = queue.enqueue(createMessage(), { scheduledFor: clock.now() + 1_000 });
    expect(queue.counts).toEqual({ total: 1, active: 0, scheduled: 1 });
    expect(queue.cancelScheduled(number)).toBe(true);
    await clock.advance(2_000);
    expect(attach(queue).locks).toHaveLength(0);
  });
});

/** One step of a random life. */
const step = fc.oneof(
  fc.constantFrom("send", "complete", "abandon", "receive").map((kind) => ({ kind, wait: 0 })),
  fc.integer({ min: 1, max: 40_000 }).map((wait) => ({ kind: "wait", wait })),
);

test("no message is lost or doubled, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { queue, clock, deadLetters, send } = createQueue({ lockDuration: 30_000, maxDeliveryCount: 3 });
      const receiver = attach(queue, 0);
      const tally = { sent: 0, completed: 0 };
      const actions: Record<string, () => void> = {
        send: () => send(`m${(tally.sent += 1)}`),
        receive: () => (receiver.credit = 1),
        complete: () => {
          const lock = receiver.locks.pop();
          if (lock && queue.settle(lock.token, complete)) tally.completed += 1;
        },
        abandon: () => {
          const lock = receiver.locks.pop();
          if (lock) queue.settle(lock.token, abandon);
        },
      };
      for (const { kind, wait } of steps) {
        await clock.advance(wait);
        actions[kind]?.();
        queue.shelf.pump();
      }
      receiver.credit = 0;
      await clock.advance(30_000);
      expect(queue.expireLocks()).toBe(0);
      expect(queue.counts.total).toBe(tally.sent - tally.completed - deadLetters.counts.total);
    }),
    { numRuns: 60 },
  );
});

test("a long queue costs no more per message than a short one", () => {
  const { queue } = createQueue();
  const content = createMessage({ message_id: "same" });
  for (let count = 0; count < 50_000; count += 1) queue.enqueue(content);
  const receiver = attach(queue);
  for (const lock of receiver.locks) queue.settle(lock.token, complete);
  expect(queue.counts.total).toBe(0);
}, 5_000);
