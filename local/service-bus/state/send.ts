import { randomUUID } from "node:crypto";
import { type AmqpMessage, withMessageId } from "../../amqp/message.ts";
import { findSendable } from "./addresses.ts";
import type { ServiceBusNamespace } from "./namespace.ts";

/**
 * Takes a message in: gives it an id when it has none, drops it when it is a duplicate, keeps it back when it
 * is scheduled. Returns its sequence number; 0 for a duplicate, which the sender is not told of.
 * @param now milliseconds since 1970.
 * @throws AmqpError amqp:not-found
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
  const scheduledFor = readScheduledTime(message, now);
  return entity.kind === "topic"
    ? entity.topic.publish(message, scheduledFor)
    : entity.queue.enqueue(message, { scheduledFor });
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
