import { randomUUID } from "node:crypto";
import { AmqpError } from "../../amqp/errors.ts";
import { type AmqpMessage, withMessageId } from "../../amqp/message.ts";
import { findSendable } from "./addresses.ts";
import type { MessageQueue } from "./message-queue.ts";
import type { ServiceBusNamespace } from "./namespace.ts";

/**
 * Takes a message in: gives it an id when it has none, drops it when it is a duplicate, keeps it back when it
 * is scheduled. Returns its sequence number; 0 for a duplicate, which the sender is not told of.
 * @param now milliseconds since 1970.
 * @throws AmqpError amqp:not-found; amqp:not-allowed when a queue with sessions is sent a message without one
 */
export function sendMessage(
  namespace: ServiceBusNamespace,
  address: string,
  content: AmqpMessage,
  now: number,
): number {
  const entity = findSendable(namespace, address);
  const messageId = content.properties.messageId ?? randomUUID().replaceAll("-", "");
  const message = content.properties.messageId === undefined ? withMessageId(content, messageId) : content;
  if (entity.duplicates?.isDuplicate(messageId)) return 0;
  if (entity.kind === "queue") requireSessionId(entity.queue, message);
  const scheduledFor = readScheduledTime(message, now);
  return entity.kind === "topic"
    ? entity.topic.publish(message, scheduledFor)
    : entity.queue.enqueue(message, { scheduledFor });
}

/** A topic takes any message: its subscriptions with sessions dead-letter what has none. */
function requireSessionId({ settings }: MessageQueue, { properties }: AmqpMessage): void {
  if (!settings.requiresSession || properties.sessionId !== undefined) return;
  throw new AmqpError(
    "amqp:not-allowed",
    "The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.",
  );
}

/** False: it was not scheduled (any more). @throws AmqpError amqp:not-found */
export function cancelScheduled(
  namespace: ServiceBusNamespace,
  address: string,
  sequenceNumber: number,
): boolean {
  const entity = findSendable(namespace, address);
  return (entity.kind === "topic" ? entity.topic : entity.queue).cancelScheduled(sequenceNumber);
}

function readScheduledTime(message: AmqpMessage, now: number): number | undefined {
  const time = message.annotations["x-opt-scheduled-enqueue-time"];
  const at = time instanceof Date ? time.getTime() : undefined;
  return at !== undefined && at > now ? at : undefined;
}
