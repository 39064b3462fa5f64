import { toEntityPath } from "../../amqp/entity-path.ts";
import { AmqpError } from "../../amqp/errors.ts";
import { isSendable } from "./description.ts";
import type { SendableEntity } from "./entity.ts";
import type { MessageQueue } from "./message-queue.ts";
import { notFound, type ServiceBusNamespace } from "./namespace.ts";

const deadLetterSuffix = "/$deadletterqueue";
const subscriptionPath = /^(?<topic>.+)\/subscriptions\/(?<name>[^/]+)$/;

/** The topic or queue that an address names. @throws AmqpError amqp:not-found, com.microsoft:entity-disabled */
export function findSendable(namespace: ServiceBusNamespace, address: string): SendableEntity {
  const entity = namespace.entities.get(normalizeAddress(address));
  if (!entity) throw notFound(address);
  if (!isSendable(entity.description)) throw disabled(address);
  return entity;
}

/** Refuses a receiver of an entity whose status forbids it. @throws AmqpError com.microsoft:entity-disabled */
export function requireReceivable({ path, settings }: MessageQueue): void {
  if (!settings.receivable) throw disabled(path);
}

function disabled(name: string): AmqpError {
  return new AmqpError("com.microsoft:entity-disabled", `Messaging entity '${name}' is currently disabled.`);
}

/** The queue, subscription or dead-letter queue that an address names. @throws AmqpError amqp:not-found */
export function findReceivable(namespace: ServiceBusNamespace, address: string): MessageQueue {
  const path = normalizeAddress(address);
  const dead = path.endsWith(deadLetterSuffix);
  const queue = findQueue(namespace, dead ? path.slice(0, -deadLetterSuffix.length) : path);
  const found = dead ? queue?.deadLetters : queue;
  if (!found) throw notFound(address);
  return found;
}

function findQueue(namespace: ServiceBusNamespace, path: string): MessageQueue | undefined {
  const { topic, name } = subscriptionPath.exec(path)?.groups ?? {};
  if (topic !== undefined && name !== undefined) {
    return namespace.findSubscription(topic, name)?.subscription.queue;
  }
  const entity = namespace.entities.get(path);
  return entity?.kind === "queue" ? entity.queue : undefined;
}

/** Entities are found whatever the case of their names. */
export function normalizeAddress(address: string): string {
  return toEntityPath(address).toLowerCase();
}
