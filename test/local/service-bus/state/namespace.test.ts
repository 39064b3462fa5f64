import { describe, expect, test } from "vitest";
import { findReceivable, findSendable } from "../../../../local/service-bus/state/addresses.ts";
import { parseDuration } from "../../../../local/service-bus/state/duration.ts";
import { ServiceBusNamespace } from "../../../../local/service-bus/state/namespace.ts";
import { OpenShelf } from "../../../../local/service-bus/state/shelf.ts";
import { createManualClock } from "../../functions-host/manual-clock.ts";
import { TestReceiver } from "./test-receiver.ts";

function createNamespace() {
  const clock = createManualClock("2026-01-01T00:00:00Z");
  const namespace = new ServiceBusNamespace(clock, () => false);
  namespace.createTopic("Runs");
  return { clock, namespace };
}

describe("addresses", () => {
  test("find entities whatever the case, and their dead letters", () => {
    const { namespace } = createNamespace();
    const { subscription } = namespace.createSubscription({ topicName: "runs", name: "Run-1" });
    namespace.createQueue("a/b");
    expect(findSendable(namespace, "RUNS").name).toBe("Runs");
    expect(findReceivable(namespace, "/runs/subscriptions/RUN-1")).toBe(subscription.queue);
    expect(findReceivable(namespace, "Runs/Subscriptions/Run-1/$DeadLetterQueue")).toBe(
      subscription.queue.deadLetters,
    );
    expect(findReceivable(namespace, "sb://localhost:1/a/b").path).toBe("a/b");
    for (const missing of ["runs", "nope", "runs/Subscriptions/nope", "nope/$DeadLetterQueue"]) {
      expect(() => findReceivable(namespace, missing)).toThrow("could not be found");
    }
  });
});

describe("an idle subscription", () => {
  test("is deleted when nobody came for its time", async () => {
    const { clock, namespace } = createNamespace();
    const description = { AutoDeleteOnIdle: "PT5M" };
    const { subscription } = namespace.createSubscription({ topicName: "runs", name: "s", description });
    const receiver = new TestReceiver();
    if (subscription.queue.shelf instanceof OpenShelf) subscription.queue.shelf.attach(receiver);
    await clock.advance(20 * 60_000);
    expect(namespace.findSubscription("runs", "s")).toBeDefined();
    subscription.queue.shelf.detach(receiver);
    await clock.advance(5 * 60_000);
    expect(namespace.findSubscription("runs", "s")).toBeUndefined();
  });
});

test("deleting a topic ends its subscriptions' receivers", () => {
  const { namespace } = createNamespace();
  const { subscription } = namespace.createSubscription({ topicName: "runs", name: "s" });
  const receiver = new TestReceiver();
  if (subscription.queue.shelf instanceof OpenShelf) subscription.queue.shelf.attach(receiver);
  expect(namespace.deleteEntity("runs")).toBe(true);
  expect(receiver.closedWith).toBe("amqp:not-found");
  expect(namespace.deleteEntity("runs")).toBe(false);
});

test.each([
  ["PT1M", 60_000],
  ["P1DT2H3M4.5S", 93_784_500],
  ["P10675199DT2H48M5.4775807S", Infinity],
])("the duration %s", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
  expect(() => parseDuration(`${text}x`)).toThrow("not a duration");
});
