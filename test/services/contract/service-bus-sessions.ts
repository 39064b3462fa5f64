import { describe, expect, test } from "vitest";
import { receive, receiveOne, type ServiceBusSubject, useTestTopic } from "./service-bus-subject.ts";

/** What a client may expect of a subscription that requires sessions. */
export function describeServiceBusSessions(
  name: string,
  open: () => ServiceBusSubject | Promise<ServiceBusSubject>,
): void {
  describe(`Service Bus sessions: ${name}`, () => {
    const topic = useTestTopic(open);
    const subscribe = () => topic.subscribe({ requiresSession: true });

    test("a session's messages come in order to the one who holds it", async () => {
      const subscription = await subscribe();
      await topic.send(["a", "b", "a", "a"].map((sessionId, body) => ({ body, sessionId })));
      const held = await topic.client.acceptSession(topic.name, subscription, "a");
      expect(held.sessionId).toBe("a");
      const messages = await receive(held, 3);
      expect(messages.map(({ body }: { body: unknown }) => body)).toEqual([0, 2, 3]);
      for (const message of messages) await held.completeMessage(message);
      await held.close();
    });

    test("a session has one holder", async () => {
      const subscription = await subscribe();
      await topic.send({ body: 1, sessionId: "only" });
      const held = await topic.client.acceptSession(topic.name, subscription, "only");
      const second = topic.client.acceptSession(topic.name, subscription, "only");
      await expect(second).rejects.toMatchObject({ code: "SessionCannotBeLocked" });
      await held.close();
      const next = await topic.client.acceptSession(topic.name, subscription, "only");
      expect(await receiveOne(next)).toMatchObject({ body: 1, deliveryCount: 0 });
      await next.close();
    });

    test("closing gives messages back uncounted", async () => {
      const subscription = await subscribe();
      await topic.send({ body: 1, sessionId: "back" });
      const first = await topic.client.acceptSession(topic.name, subscription, "back");
      await receiveOne(first);
      await first.close();
      const second = await topic.client.acceptSession(topic.name, subscription, "back");
      const message = await receiveOne(second);
      expect(message.deliveryCount).toBe(0);
      await second.completeMessage(message);
      await second.close();
    });

    test("the next free session is accepted, as soon as there is one", async () => {
      const subscription = await subscribe();
      await topic.send([
        { body: 1, sessionId: "x" },
        { body: 2, sessionId: "y" },
      ]);
      const accept = () => topic.client.acceptNextSession(topic.name, subscription);
      const [one, two] = [await accept(), await accept()];
      expect(new Set([one.sessionId, two.sessionId])).toEqual(new Set(["x", "y"]));
      const waiting = accept();
      await topic.send({ body: 3, sessionId: "z" });
      const three = await waiting;
      expect(three.sessionId).toBe("z");
      expect(await receiveOne(three)).toMatchObject({ body: 3 });
      for (const held of [one, two, three]) await held.close();
    });

    test("state stays with the session, and its lock can be renewed", async () => {
      const subscription = await subscribe();
      const held = await topic.client.acceptSession(topic.name, subscription, "stateful");
      expect(await held.getSessionState()).toBeNull();
      await held.setSessionState({ step: 2 });
      const before = held.sessionLockedUntilUtc.getTime();
      await expect.poll(async () => (await held.renewSessionLock()).getTime()).toBeGreaterThan(before);
      await held.close();
      const again = await topic.client.acceptSession(topic.name, subscription, "stateful");
      expect(await again.getSessionState()).toEqual({ step: 2 });
      await again.setSessionState(null);
      await again.close();
    });

    test("a session lock that runs out is lost", async () => {
      const subscription = await topic.subscribe({ requiresSession: true, lockDuration: topic.shortestLock });
      await topic.send({ body: 1, sessionId: "lost" });
      const options = { maxAutoLockRenewalDurationInMs: 0 };
      const late = await topic.client.acceptSession(topic.name, subscription, "lost", options);
      const message = await receiveOne(late);
      await expect
        .poll(() => late.getSessionState().then(() => "held", readCode), { timeout: 15_000 })
        .toBe("SessionLockLost");
      await expect(late.completeMessage(message)).rejects.toMatchObject({ code: "SessionLockLost" });
      const next = await topic.client.acceptSession(topic.name, subscription, "lost");
      expect(await receiveOne(next)).toMatchObject({ body: 1, deliveryCount: 1 });
      await Promise.all([late.close(), next.close()]);
    });

    test("a receiver without a session is refused", async () => {
      const subscription = await subscribe();
      const received = topic.receiver(subscription).receiveMessages(1);
      await expect(received).rejects.toThrow("requires sessions");
    });

    test("a message without a session is dead-lettered", async () => {
      const subscription = await subscribe();
      await topic.send({ body: "nowhere" });
      const graveyard = topic.client.createReceiver(topic.name, subscription, { subQueueType: "deadLetter" });
      expect(await receiveOne(graveyard)).toMatchObject({ deadLetterReason: "Session ID is null" });
    });
  });
}

const readCode = (error: unknown): string | undefined => (error as { code?: string }).code;
