import { addApplicationProperties, type AmqpMessage } from "../../amqp/message.ts";
import type { DeadLetterReason } from "./stored-message.ts";

/** The service's own reasons, word for word: Azure documentation, "Overview of Service Bus dead-letter queues". */
export const deadLetterReasons = {
  expired: {
    reason: "TTLExpiredException",
    description: "The message expired and was dead lettered.",
  },
  noSession: {
    reason: "Session ID is null",
    description: "Session enabled entity doesn't allow a message whose session identifier is null.",
  },
  tooManyDeliveries: (limit: number): DeadLetterReason => ({
    reason: "MaxDeliveryCountExceeded",
    description: `Message could not be consumed after ${limit} delivery attempts.`,
  }),
} as const;

/** The reason travels as application properties, where the SDKs look for it. A dead letter does not expire. */
export function deadLetterContent(content: AmqpMessage, cause: DeadLetterReason): AmqpMessage {
  const added = {
    ...(cause.reason !== undefined && { DeadLetterReason: cause.reason }),
    ...(cause.description !== undefined && { DeadLetterErrorDescription: cause.description }),
  };
  const labelled = Object.keys(added).length > 0 ? addApplicationProperties(content, added) : content;
  return { ...labelled, timeToLive: undefined };
}
