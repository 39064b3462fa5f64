import type { AmqpError } from "../../amqp/errors.ts";
import { IndexedHeap } from "./indexed-heap.ts";
import type { MessageReceiver } from "./receiver.ts";
import type { StoredMessage } from "./stored-message.ts";

/** Where messages wait to be received, and who waits for them. */
export interface Shelf {
  /** How many receivers are attached. */
  readonly receiverCount: number;
  add(message: StoredMessage): void;
  delete(message: StoredMessage): void;
  /** Hands out what receivers take now. `receiver` says whose appetite changed; left out, anyone's may have. */
  pump(receiver?: MessageReceiver): void;
  /** The receiver left. */
  detach(receiver: MessageReceiver): void;
  close(error: AmqpError): void;
}

export type Deliver = (message: StoredMessage, receiver: MessageReceiver) => void;

/** Messages for whoever asks, oldest first, one in turn to each receiver. */
export class OpenShelf implements Shelf {
  readonly #available = new IndexedHeap<StoredMessage>((message) => message.sequenceNumber);
  readonly #receivers: MessageReceiver[] = [];
  readonly #deliver: Deliver;
  #turn = 0;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  get receiverCount(): number {
    return this.#receivers.length;
  }

  add(message: StoredMessage): void {
    this.#available.add(message);
  }

  delete(message: StoredMessage): void {
    this.#available.delete(message);
  }

  attach(receiver: MessageReceiver): void {
    this.#receivers.push(receiver);
  }

  detach(receiver: MessageReceiver): void {
    const at = this.#receivers.indexOf(receiver);
    if (at >= 0) this.#receivers.splice(at, 1);
  }

  pump(): void {
    while (this.#available.size > 0) {
      const receiver = this.#nextWithCredit();
      const message = receiver && this.#available.take();
      if (!receiver || !message) return;
      this.#deliver(message, receiver);
    }
  }

  close(error: AmqpError): void {
    for (const receiver of this.#receivers.splice(0)) receiver.close(error);
  }

  #nextWithCredit(): MessageReceiver | undefined {
    const count = this.#receivers.length;
    const order = (place: number): number => (this.#turn + 1 + place) % count;
    for (let place = 0; place < count; place += 1) {
      const receiver = this.#receivers[order(place)];
      if (!receiver || receiver.credit <= 0) continue;
      this.#turn = order(place);
      return receiver;
    }
    return undefined;
  }
}
