import { describe, expect, test } from "vitest";
import { receive, receiveOne, type ServiceBusSubject, useTestTopic } from "./service-bus-subject.ts";

/** What a client may expect of a topic's subscription without sessions. */
export function describeServiceBusMessages(
  name: string,
  open: () => ServiceBusSubject | Promise<ServiceBusSubject>,
): void {
  describe(`Service Bus messages: ${name}`, () => {
    const topic = useTestTopic(open);

    test("a subscription gets what its rule lets pass, as it was sent", async () => {
      const [mine, other] = [
        await topic.subscribe({ defaultRuleOptions: { name: "run", filter: { correlationId: "run-1" } } }),
        await topic.subscribe({ defaultRuleOptions: { name: "run", filter: { correlationId: "run-2" } } }),
      ];
      const sent = {
        body: { target: "db1", list: [1, 2.5, null] },
        messageId: "run-1/7",
        correlationId: "run-1",
        subject: "target",
        contentType: "application/json",
        applicationProperties: { text: "ä", whole: 7, big: 2 ** 40, half: 0.5, flag: true },
      };
      await topic.send([sent, { body: "else", correlationId: "run-3" }]);
      const receiver = topic.receiver(mine);
      const message = await receiveOne(receiver);
      expect(message).toMatchObject({ ...sent, deliveryCount: 0, state: "active" });
      expect(message.lockedUntilUtc!.getTime()).toBeGreaterThan(message.enqueuedTimeUtc!.getTime());
      await receiver.completeMessage(message);
      for (const subscription of [mine, other]) {
        expect(await topic.receiver(subscription).peekMessages(5)).toHaveLength(0);
      }
    });

    test("an SQL rule sees system and application properties", async () => {
      const filter = { sqlExpression: "sys.Label LIKE 'tar%' AND wave IN (1, 2) AND NOT EXISTS(skip)" };
      const subscription = await topic.subscribe({ defaultRuleOptions: { name: "sql", filter } });
      await topic.send([
        { body: 1, subject: "target", applicationProperties: { wave: 1 } },
        { body: 2, subject: "target", applicationProperties: { wave: 3 } },
        { body: 3, subject: "other", applicationProperties: { wave: 1 } },
        { body: 4, subject: "target", applicationProperties: { wave: 2, skip: true } },
        { body: 5, subject: "tar", applicationProperties: { wave: 2 } },
      ]);
      const passed = await topic.receiver(subscription).peekMessages(9);
      expect(passed.map(({ body }: { body: unknown }) => body)).toEqual([1, 5]);
    });

    test("an abandoned message comes back first, counted and with its changes", async () => {
      const subscription = await topic.subscribe();
      await topic.send([{ body: "a" }, { body: "b" }]);
      const receiver = topic.receiver(subscription);
      await receiver.abandonMessage(await receiveOne(receiver), { note: "again" });
      const [first, second] = await receive(receiver, 2);
      expect(first).toMatchObject({ body: "a", deliveryCount: 1, applicationProperties: { note: "again" } });
      expect(second).toMatchObject({ body: "b", deliveryCount: 0 });
    });

    test("a message that is delivered in vain too often is dead-lettered", async () => {
      const subscription = await topic.subscribe({ maxDeliveryCount: 2 });
      await topic.send({ body: "poison", messageId: "p" });
      const receiver = topic.receiver(subscription);
      for (const deliveryCount of [0, 1]) {
        const message = await receiveOne(receiver);
        expect(message.deliveryCount).toBe(deliveryCount);
        await receiver.abandonMessage(message);
      }
      const dead = await receiveOne(
        topic.client.createReceiver(topic.name, subscription, { subQueueType: "deadLetter" }),
      );
      expect(dead).toMatchObject({ messageId: "p", deadLetterReason: "MaxDeliveryCountExceeded" });
    });

    test("a receiver dead-letters with its reason", async () => {
      const subscription = await topic.subscribe();
      await topic.send({ body: "bad", applicationProperties: { kept: 1 } });
      const receiver = topic.receiver(subscription);
      const reason = { deadLetterReason: "Malformed", deadLetterErrorDescription: "no target in it" };
      await receiver.deadLetterMessage(await receiveOne(receiver), reason);
      const graveyard = topic.client.createReceiver(topic.name, subscription, { subQueueType: "deadLetter" });
      const dead = await receiveOne(graveyard);
      expect(dead).toMatchObject({ body: "bad", ...reason, applicationProperties: { kept: 1 } });
      await graveyard.completeMessage(dead);
      expect(await graveyard.peekMessages(1)).toHaveLength(0);
    });

    test("a lock that runs out gives the message to the next, and the late one hears of it", async () => {
      const subscription = await topic.subscribe({ lockDuration: topic.shortestLock });
      await topic.send({ body: "slow" });
      const receiver = topic.receiver(subscription);
      const late = await receiveOne(receiver);
      const again = await receiveOne(receiver);
      expect(again).toMatchObject({ body: "slow", deliveryCount: 1 });
      await expect(receiver.completeMessage(late)).rejects.toMatchObject({ code: "MessageLockLost" });
      await expect(receiver.renewMessageLock(late)).rejects.toMatchObject({ code: "MessageLockLost" });
      await receiver.completeMessage(again);
    });

    test("a renewed lock lasts longer", async () => {
      const subscription = await topic.subscribe({ lockDuration: topic.shortestLock });
      await topic.send({ body: "long" });
      const receiver = topic.receiver(subscription);
      const message = await receiveOne(receiver);
      const before = message.lockedUntilUtc!.getTime();
      await expect
        .poll(async () => (await receiver.renewMessageLock(message)).getTime())
        .toBeGreaterThan(before);
      await receiver.completeMessage(message);
    });

    test("the lock survives the receiver that held it", async () => {
      const subscription = await topic.subscribe();
      await topic.send({ body: "kept" });
      const receiver = topic.receiver(subscription);
      const message = await receiveOne(receiver);
      await receiver.close();
      const second = topic.receiver(subscription);
      expect(await second.receiveMessages(1, { maxWaitTimeInMs: 300 })).toHaveLength(0);
      await second.completeMessage(message);
      expect(await second.peekMessages(1)).toHaveLength(0);
    });

    test("a deferred message is fetched by its number", async () => {
      const subscription = await topic.subscribe();
      await topic.send({ body: "later" });
      const receiver = topic.receiver(subscription);
      const message = await receiveOne(receiver);
      await receiver.deferMessage(message);
      const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber!);
      expect(deferred).toMatchObject({ body: "later", state: "deferred" });
      await receiver.completeMessage(deferred!);
    });

    test("a scheduled message waits for its time; a cancelled one never comes", async () => {
      const subscription = await topic.subscribe();
      const sender = topic.client.createSender(topic.name);
      const at = new Date(Date.now() + 400);
      const [, cancelled] = await sender.scheduleMessages([{ body: "soon" }, { body: "never" }], at);
      await sender.cancelScheduledMessages(cancelled!);
      const receiver = topic.receiver(subscription);
      const message = await receiveOne(receiver);
      expect(message.body).toBe("soon");
      expect(message.enqueuedTimeUtc!.getTime()).toBeGreaterThanOrEqual(at.getTime());
      await receiver.completeMessage(message);
      expect(await receiver.peekMessages(1)).toHaveLength(0);
    });

    test("receive and delete keeps nothing", async () => {
      const subscription = await topic.subscribe();
      await topic.send([{ body: 1 }, { body: 2 }]);
      const receiver = topic.client.createReceiver(topic.name, subscription, {
        receiveMode: "receiveAndDelete",
      });
      expect((await receive(receiver, 2)).map(({ body }: { body: unknown }) => body)).toEqual([1, 2]);
      expect(await receiver.peekMessages(1)).toHaveLength(0);
    });

    test("an expired message goes, or is dead-lettered", async () => {
      const subscription = await topic.subscribe({ deadLetteringOnMessageExpiration: true });
      await topic.send({ body: "old", timeToLive: 50 });
      const graveyard = topic.client.createReceiver(topic.name, subscription, { subQueueType: "deadLetter" });
      expect(await receiveOne(graveyard)).toMatchObject({
        body: "old",
        deadLetterReason: "TTLExpiredException",
      });
    });

    test("a stream of messages is handled concurrently", async () => {
      const subscription = await topic.subscribe();
      const bodies = Array.from({ length: 500 }, (_, index) => index);
      await topic.send(bodies.map((body) => ({ body })));
      const seen = new Set<unknown>();
      const receiver = topic.receiver(subscription);
      receiver.subscribe(
        {
          processMessage: ({ body }) => Promise.resolve(void seen.add(body)),
          processError: ({ error }) => Promise.reject(error),
        },
        { maxConcurrentCalls: 20 },
      );
      await expect.poll(() => seen.size, { timeout: 10_000 }).toBe(bodies.length);
      await receiver.close();
      await expect.poll(() => topic.receiver(subscription).peekMessages(1)).toHaveLength(0);
    });

    test("a batch has a limit, and so has a message", async () => {
      const sender = topic.client.createSender(topic.name);
      const batch = await sender.createMessageBatch();
      expect(batch.tryAddMessage({ body: "x".repeat(100_000) })).toBe(true);
      expect(batch.tryAddMessage({ body: "x".repeat(200_000) })).toBe(false);
      const tooBig = sender.sendMessages({ body: "x".repeat(300_000) });
      await expect(tooBig).rejects.toMatchObject({ code: "MessageSizeExceeded", retryable: false });
    });

    test("what is not there is not found", async () => {
      const send = topic.client.createSender(`${topic.name}-nope`).sendMessages({ body: 1 });
      await expect(send).rejects.toMatchObject({ code: "MessagingEntityNotFound" });
      const received = topic.receiver("nope").receiveMessages(1);
      await expect(received).rejects.toMatchObject({ code: "MessagingEntityNotFound" });
    });

    test("deleting a subscription ends its receivers", async () => {
      const subscription = await topic.subscribe();
      const failures: string[] = [];
      const receiver = topic.receiver(subscription);
      receiver.subscribe({
        processMessage: () => Promise.resolve(),
        processError: ({ error }) =>
          Promise.resolve(void failures.push((error as { code?: string }).code ?? "")),
      });
      await topic.send({ body: "wakes the receiver" });
      await expect.poll(() => topic.receiver(subscription).peekMessages(1)).toHaveLength(0);
      await topic.admin.deleteSubscription(topic.name, subscription);
      await expect.poll(() => failures, { timeout: 10_000 }).toContain("MessagingEntityNotFound");
      await receiver.close();
    });
  });
}

/** What a client may expect of duplicate detection. */
export function describeServiceBusDuplicates(
  name: string,
  open: () => ServiceBusSubject | Promise<ServiceBusSubject>,
): void {
  describe(`Service Bus duplicate detection: ${name}`, () => {
    const topic = useTestTopic(open, { requiresDuplicateDetection: true });

    test("a message id counts once", async () => {
      const subscription = await topic.subscribe();
      await topic.send([
        { body: 1, messageId: "one" },
        { body: 2, messageId: "two" },
      ]);
      await topic.send({ body: 3, messageId: "one" });
      const messages = await topic.receiver(subscription).peekMessages(9);
      expect(messages.map(({ body }: { body: unknown }) => body)).toEqual([1, 2]);
    });
  });
}
