import type { AmqpError } from "../../amqp/errors.ts";
import type { MessageLock, StoredMessage } from "./stored-message.ts";

/** Someone who receives from a queue, as the queue sees it. */
export interface MessageReceiver {
  /** Receive and delete: a delivered message is gone. */
  readonly destructive: boolean;
  /** How many messages it takes now. */
  readonly credit: number;
  deliver(message: StoredMessage, lock: MessageLock | undefined): void;
  /** The queue ends it: the entity was deleted, or its session's lock is lost. */
  close(error: AmqpError): void;
}
