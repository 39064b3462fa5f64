import { describe, expect, test } from "vitest";
import { MessageQueue } from "../../../../local/service-bus/state/message-queue.ts";
import { defaultQueueSettings } from "../../../../local/service-bus/state/queue-settings.ts";
import { SessionShelf } from "../../../../local/service-bus/state/session-shelf.ts";
import { createManualClock } from "../../functions-host/manual-clock.ts";
import { createMessage } from "./test-message.ts";
import { TestReceiver } from "./test-receiver.ts";

function createQueue() {
  const clock = createManualClock("2026-01-01T00:00:00Z");
  const settings = { ...defaultQueueSettings, requiresSession: true, lockDuration: 30_000 };
  const queue = new MessageQueue({ path: "q", settings, clock });
  if (!(queue.shelf instanceof SessionShelf)) throw new Error("not a session queue");
  const send = (id: string, session: string) =>
    queue.enqueue(createMessage({ message_id: id, group_id: session }));
  return { clock, queue, shelf: queue.shelf, send };
}

describe("accepting", () => {
  test("the session that has waited longest comes first, each once", () => {
    const { shelf, send } = createQueue();
    for (const session of ["b", "a", "b"]) send("m", session);
    const accepted: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      shelf.acceptNext(new TestReceiver(), (session) => accepted.push(session.id));
    }
    expect(accepted).toEqual(["b", "a"]);
    send("m", "c");
    expect(accepted).toEqual(["b", "a", "c"]);
  });

  test("who gave up waiting gets nothing", () => {
    const { shelf, send } = createQueue();
    const giveUp = shelf.acceptNext(new TestReceiver(), () => expect.fail("it had given up"));
    giveUp();
    send("m", "a");
    expect(shelf.receiverCount).toBe(0);
  });

  test("the holder alone gets the session's messages", () => {
    const { shelf, send } = createQueue();
    const [one, two] = [new TestReceiver(), new TestReceiver()];
    shelf.accept("a", one);
    shelf.accept("b", two);
    expect(() => shelf.accept("a", two)).toThrow("cannot be accepted");
    for (const [id, session] of [
      ["1", "a"],
      ["2", "b"],
      ["3", "a"],
    ] as const)
      send(id, session);
    expect([one.messageIds, two.messageIds]).toEqual([["1", "3"], ["2"]]);
  });
});

describe("losing", () => {
  test("a lock that ends takes its messages' locks along and counts as a delivery", async () => {
    const { clock, queue, shelf, send } = createQueue();
    send("1", "a");
    const late = new TestReceiver();
    shelf.accept("a", late);
    shelf.pump(late);
    await clock.advance(30_000);
    expect(late.closedWith).toBe("com.microsoft:session-lock-lost");
    expect(queue.settle(late.locks[0]!.token, { kind: "complete" })).toBe(false);
    const next = new TestReceiver();
    shelf.accept("a", next);
    shelf.pump(next);
    expect(next.locks[0]?.message.deliveryCount).toBe(1);
  });

  test("a renewed lock lasts", async () => {
    const { clock, shelf } = createQueue();
    const holder = new TestReceiver();
    const session = shelf.accept("a", holder);
    await clock.advance(20_000);
    expect(shelf.renew(session, session.holder!)).toBe(clock.now() + 30_000);
    await clock.advance(29_999);
    expect(holder.closedWith).toBeUndefined();
  });

  test("a session given back goes to who waits, its messages uncounted", () => {
    const { shelf, send } = createQueue();
    send("1", "a");
    const [first, second] = [new TestReceiver(), new TestReceiver()];
    shelf.accept("a", first);
    shelf.pump(first);
    let accepted = "";
    shelf.acceptNext(second, (session) => (accepted = session.id));
    shelf.detach(first);
    expect(accepted).toBe("a");
    expect(second.locks[0]?.message.deliveryCount).toBe(0);
  });
});
