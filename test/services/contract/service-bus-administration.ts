import { describe, expect, test } from "vitest";
import { type ServiceBusSubject, useTestTopic } from "./service-bus-subject.ts";

/** What a client may expect of the administration API. */
export function describeServiceBusAdministration(
  name: string,
  open: () => ServiceBusSubject | Promise<ServiceBusSubject>,
): void {
  describe(`Service Bus administration: ${name}`, () => {
    const topic = useTestTopic(open, { requiresDuplicateDetection: true });

    test("a topic has what it was created with", async () => {
      expect(await topic.admin.getTopic(topic.name)).toMatchObject({
        name: topic.name,
        requiresDuplicateDetection: true,
        duplicateDetectionHistoryTimeWindow: "PT10M",
        status: "Active",
      });
      const names = [];
      for await (const each of topic.admin.listTopics()) names.push(each.name);
      expect(names).toContain(topic.name);
      expect(await topic.admin.topicExists(topic.name)).toBe(true);
      expect(await topic.admin.topicExists(`${topic.name}-nope`)).toBe(false);
    });

    test("what exists cannot be created again, what does not cannot be read", async () => {
      await expect(topic.admin.createTopic(topic.name)).rejects.toMatchObject({
        code: "MessageEntityAlreadyExistsError",
        statusCode: 409,
      });
      const subscription = await topic.subscribe();
      await expect(topic.admin.createSubscription(topic.name, subscription)).rejects.toMatchObject({
        statusCode: 409,
      });
      for (const missing of [
        topic.admin.getSubscription(topic.name, "nope"),
        topic.admin.createSubscription(`${topic.name}-nope`, "any"),
        topic.admin.deleteSubscription(topic.name, "nope"),
      ]) {
        await expect(missing).rejects.toMatchObject({ code: "MessageEntityNotFoundError" });
      }
    });

    test("a subscription is made, changed and deleted", async () => {
      const options = { lockDuration: "PT30S", maxDeliveryCount: 5, requiresSession: true };
      const subscription = await topic.subscribe(options);
      const created = await topic.admin.getSubscription(topic.name, subscription);
      expect(created).toMatchObject({ topicName: topic.name, subscriptionName: subscription, ...options });
      await topic.admin.updateSubscription({ ...created, maxDeliveryCount: 7 });
      expect((await topic.admin.getSubscription(topic.name, subscription)).maxDeliveryCount).toBe(7);
      await topic.admin.deleteSubscription(topic.name, subscription);
      expect(await topic.admin.subscriptionExists(topic.name, subscription)).toBe(false);
    });

    test("names have limits", async () => {
      for (const name of ["x".repeat(51), "a b"]) {
        await expect(topic.admin.createSubscription(topic.name, name)).rejects.toMatchObject({
          statusCode: 400,
        });
      }
    });

    test("lists come in pages", async () => {
      const made = [await topic.subscribe(), await topic.subscribe(), await topic.subscribe()];
      const seen: string[] = [];
      for await (const page of topic.admin.listSubscriptions(topic.name).byPage({ maxPageSize: 2 })) {
        expect(page.length).toBeLessThanOrEqual(2);
        seen.push(...page.map(({ subscriptionName }) => subscriptionName));
      }
      expect(seen).toEqual(expect.arrayContaining(made));
      expect(new Set(seen).size).toBe(seen.length);
    });

    test("counts follow the messages", async () => {
      const subscription = await topic.subscribe();
      const counts = () => topic.admin.getSubscriptionRuntimeProperties(topic.name, subscription);
      await topic.send(["c1", "c2", "c3"].map((messageId) => ({ body: messageId, messageId })));
      await expect.poll(counts).toMatchObject({ activeMessageCount: 3, deadLetterMessageCount: 0 });
      const receiver = topic.receiver(subscription);
      const [first, second] = await receiver.receiveMessages(2);
      await receiver.completeMessage(first!);
      await receiver.deadLetterMessage(second!);
      await expect
        .poll(counts)
        .toMatchObject({ activeMessageCount: 1, deadLetterMessageCount: 1, totalMessageCount: 2 });
    });

    test("rules come back as they were made, and take effect", async () => {
      const subscription = await topic.subscribe();
      const correlation = {
        correlationId: "run",
        subject: "target",
        applicationProperties: { wave: 1, urgent: true, region: "eu" },
      };
      await topic.admin.createRule(topic.name, subscription, "both", correlation);
      await topic.admin.createRule(topic.name, subscription, "sql", { sqlExpression: "wave > 5" });
      await topic.admin.deleteRule(topic.name, subscription, "$Default");
      const rules = [];
      for await (const rule of topic.admin.listRules(topic.name, subscription)) rules.push(rule);
      expect(rules.find((rule) => rule.name === "both")?.filter).toMatchObject(correlation);
      expect(rules.find((rule) => rule.name === "sql")?.filter).toMatchObject({ sqlExpression: "wave > 5" });
      expect(rules).toHaveLength(2);
      await topic.send([
        { body: 1, messageId: "r1", ...correlation },
        { body: 2, messageId: "r2", applicationProperties: { wave: 6 } },
        { body: 3, messageId: "r3", applicationProperties: { wave: 2 } },
      ]);
      const passed = await topic.receiver(subscription).peekMessages(9);
      expect(passed.map(({ body }: { body: unknown }) => body)).toEqual([1, 2]);
    });

    test("a subscription forwards what it gets", async () => {
      const source = await topic.admin.createTopic(`${topic.name}-source`);
      const subscription = await topic.subscribe();
      await topic.admin.createSubscription(source.name, "onward", { forwardTo: topic.name });
      const sender = topic.client.createSender(source.name);
      await sender.sendMessages({ body: "passed on", messageId: "forwarded" });
      const receiver = topic.receiver(subscription);
      await expect.poll(() => receiver.peekMessages(1)).toMatchObject([{ body: "passed on" }]);
      await topic.admin.deleteTopic(source.name);
    });

    test("a filter that cannot be read is refused", async () => {
      const subscription = await topic.subscribe();
      const rule = topic.admin.createRule(topic.name, subscription, "bad", { sqlExpression: "wave >" });
      await expect(rule).rejects.toMatchObject({ statusCode: 400 });
    });
  });
}
