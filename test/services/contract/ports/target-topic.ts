import { describe, expect, test } from "vitest";
import type { RunId } from "../../../../model/ids.ts";
import type { TargetMessage } from "../../../../model/messages.ts";
import type { TargetTopic } from "../../../../services/services.ts";
import { newRunId, sampleTarget } from "../../../support/sample-run.ts";

/** The run's messages for so many targets, as one bucket. */
export function toMessages(runId: RunId, targets: number, round = 1): TargetMessage[] {
  return Array.from({ length: targets }, (_, index) => ({
    ...{ runId, bucket: 0, round },
    target: sampleTarget(index + 1),
  }));
}

/** What is expected of every topic. Duplicate detection must be on. */
export function describeTargetTopic(name: string, open: () => TargetTopic): void {
  describe(`TargetTopic: ${name}`, () => {
    test("every message is sent and waits, and runs do not see each other's", async () => {
      const [topic, one, other] = [open(), newRunId(), newRunId()];
      await Promise.all([topic.subscribe(one), topic.subscribe(other)]);
      expect(await topic.send(toMessages(one, 2_500))).toBe(2_500);
      expect(await topic.send(toMessages(other, 3))).toBe(3);
      expect([await topic.waiting(one), await topic.waiting(other)]).toEqual([2_500, 3]);
      await Promise.all([topic.unsubscribe(one), topic.unsubscribe(other)]);
    });

    test("subscribing and unsubscribing may be repeated", async () => {
      const [topic, runId] = [open(), newRunId()];
      await topic.subscribe(runId);
      await topic.send(toMessages(runId, 2));
      await topic.subscribe(runId);
      expect(await topic.waiting(runId)).toBe(2);
      await topic.unsubscribe(runId);
      await topic.unsubscribe(runId);
      expect(await topic.waiting(runId)).toBe(0);
    });

    test("the same round sent again is suppressed, another round is not", async () => {
      const [topic, runId] = [open(), newRunId()];
      await topic.subscribe(runId);
      await topic.send(toMessages(runId, 5));
      expect(await open().send(toMessages(runId, 5))).toBe(5);
      expect(await topic.waiting(runId)).toBe(5);
      await topic.send(toMessages(runId, 5, 2));
      expect(await topic.waiting(runId)).toBe(10);
      await topic.unsubscribe(runId);
    });

    test("with sessions, what names one waits, and the rest is refused by the service", async () => {
      const [topic, runId] = [open(), newRunId()];
      await topic.subscribe(runId, { sessions: true });
      const messages = toMessages(runId, 5).map((message) => ({
        ...message,
        session: message.target.server,
      }));
      await topic.send(messages);
      expect(await topic.waiting(runId)).toBe(5);
      await topic.send(toMessages(runId, 5, 2));
      expect(await topic.waiting(runId)).toBe(5);
      await topic.unsubscribe(runId);
    });

    test("what nobody took is told of with its place, and is gone then", async () => {
      for (const sessions of [false, true]) {
        const [topic, runId] = [open(), newRunId()];
        await topic.subscribe(runId, { sessions });
        const messages = toMessages(runId, 3);
        await topic.send(sessions ? messages.map((message) => ({ ...message, session: "s" })) : messages);
        const told: string[] = [];
        for await (const batch of topic.takeUntouched(runId, { sessions })) {
          told.push(...batch.map(({ targetId, bucket, round }) => `${targetId} ${bucket} ${round}`));
        }
        expect(told.sort()).toEqual(["000001 0 1", "000002 0 1", "000003 0 1"]);
        expect(await topic.waiting(runId)).toBe(0);
        await topic.unsubscribe(runId);
      }
    }, 20_000);

    test("nothing to send is fine", async () => {
      expect(await open().send([])).toBe(0);
    });

    test("a target too large for any message is refused by its id, never left out", async () => {
      const [topic, runId] = [open(), newRunId()];
      await topic.subscribe(runId);
      const databases = Array.from({ length: 12_000 }, (_, index) => ({
        default: `default${index}`,
        override: `a-rather-long-database-name-${index}`.padEnd(100, "x"),
      }));
      const messages = toMessages(runId, 3);
      messages[1] = { ...messages[1]!, target: sampleTarget(2, { databases }) };
      await expect(topic.send(messages)).rejects.toMatchObject({
        code: "InvalidRequest",
        message: expect.stringContaining("000002") as string,
      });
      await topic.unsubscribe(runId);
    });
  });
}
