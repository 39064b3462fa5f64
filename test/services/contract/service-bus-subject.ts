import { randomUUID } from "node:crypto";
import type {
  CreateSubscriptionOptions,
  ServiceBusAdministrationClient,
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from "@azure/service-bus";
import { afterAll, beforeAll, expect } from "vitest";

/** A namespace the suites may make topics in, and how its clients are made. */
export interface ServiceBusSubject {
  connect(): ServiceBusClient;
  administer(): ServiceBusAdministrationClient;
  /** The shortest lock the namespace allows, ISO 8601 (Azure: PT5S). */
  readonly shortestLock: string;
}

/** A topic of the suite's own, which is deleted at its end, and the clients of its namespace. */
export class TestTopic {
  readonly name = `contract-${randomUUID()}`;
  client!: ServiceBusClient;
  admin!: ServiceBusAdministrationClient;
  shortestLock = "PT5S";
  #subscriptions = 0;

  /** Makes a subscription; left out, everything passes. */
  async subscribe(options: CreateSubscriptionOptions = {}): Promise<string> {
    const name = `s${(this.#subscriptions += 1)}`;
    await this.admin.createSubscription(this.name, name, options);
    return name;
  }

  /** A receiver that leaves locks alone: the SDK's own would renew them behind the test's back. */
  receiver(subscription: string): ServiceBusReceiver {
    return this.client.createReceiver(this.name, subscription, { maxAutoLockRenewalDurationInMs: 0 });
  }

  async send(
    ...messages: Parameters<ReturnType<ServiceBusClient["createSender"]>["sendMessages"]>
  ): Promise<void> {
    const sender = this.client.createSender(this.name);
    await sender.sendMessages(...messages);
    await sender.close();
  }
}

/** Makes the topic before the tests of the `describe` around it, and deletes it after them. */
export function useTestTopic(
  open: () => ServiceBusSubject | Promise<ServiceBusSubject>,
  options: Parameters<ServiceBusAdministrationClient["createTopic"]>[1] = {},
): TestTopic {
  const topic = new TestTopic();
  beforeAll(async () => {
    const subject = await open();
    topic.client = subject.connect();
    topic.admin = subject.administer();
    topic.shortestLock = subject.shortestLock;
    await topic.admin.createTopic(topic.name, options);
  });
  afterAll(async () => {
    await topic.admin.deleteTopic(topic.name);
    await topic.client.close();
  });
  return topic;
}

/** Exactly this many messages, in one or several batches. */
export async function receive(
  receiver: ServiceBusReceiver,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = [];
  while (messages.length < count) {
    const more = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 10_000 });
    expect(more, `${messages.length} of ${count} messages came`).not.toHaveLength(0);
    messages.push(...more);
  }
  return messages;
}

export async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receive(receiver, 1);
  return message!;
}
