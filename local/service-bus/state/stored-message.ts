import type { LockToken } from "../../amqp/guid.ts";
import type { AmqpMessage } from "../../amqp/message.ts";

/** One message in one queue or subscription. The content is shared between the subscriptions of a topic. */
export interface StoredMessage {
  content: AmqpMessage;
  readonly sequenceNumber: number;
  readonly sessionId: string | undefined;
  /** Milliseconds since 1970: when it became available (for a scheduled message: when it will). */
  readonly enqueuedAt: number;
  /** Infinity = never. */
  readonly expiresAt: number;
  /** Deliveries that ended without the message being settled. */
  deliveryCount: number;
  state: MessageState;
  /** While a client has it. */
  lock: MessageLock | undefined;
  /** The path of the queue or subscription that it was dead-lettered from. */
  readonly deadLetterSource: string | undefined;
}

export interface MessageLock {
  readonly token: LockToken;
  readonly message: StoredMessage;
  /** Milliseconds since 1970. Under a session the session's lock counts, and this is only what was told. */
  until: number;
}

type MessageState = "active" | "deferred" | "scheduled";

/** Why a message was dead-lettered; both end up as application properties of the message. */
export interface DeadLetterReason {
  readonly reason: string | undefined;
  readonly description: string | undefined;
}
