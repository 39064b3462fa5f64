import type { AmqpError } from "../../../../local/amqp/errors.ts";
import type { MessageReceiver } from "../../../../local/service-bus/state/receiver.ts";
import type { MessageLock, StoredMessage } from "../../../../local/service-bus/state/stored-message.ts";

/** A receiver without a wire: keeps what it is given. */
export class TestReceiver implements MessageReceiver {
  readonly destructive = false;
  readonly locks: MessageLock[] = [];
  closedWith: string | undefined;
  credit: number;

  constructor(credit = Infinity) {
    this.credit = credit;
  }

  get messageIds(): (string | undefined)[] {
    return this.locks.map(({ message }) => message.content.properties.messageId);
  }

  deliver(_message: StoredMessage, lock: MessageLock | undefined): void {
    this.credit -= 1;
    if (lock) this.locks.push(lock);
  }

  close(error: AmqpError): void {
    this.closedWith = error.condition;
  }
}
