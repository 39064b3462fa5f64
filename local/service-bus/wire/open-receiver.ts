import { AmqpError } from "../../amqp/errors.ts";
import { toDeliveryTag } from "../../amqp/guid.ts";
import type { OutboundHandler } from "../../amqp/node.ts";
import type { OutboundLink } from "../../amqp/outbound-link.ts";
import { findReceivable, requireReceivable } from "../state/addresses.ts";
import type { MessageQueue } from "../state/message-queue.ts";
import type { MessageReceiver } from "../state/receiver.ts";
import { OpenShelf } from "../state/shelf.ts";
import type { MessageLock, StoredMessage } from "../state/stored-message.ts";
import { acceptSession, sessionFilter } from "./accept-session.ts";
import type { WireContext } from "./context.ts";
import { encodeStored } from "./encode-delivery.ts";
import { lockLost } from "./lock-lost.ts";
import { toSettlement } from "./settlement.ts";

/** A client receives from a queue, a subscription or a dead-letter queue. @throws AmqpError */
export function openReceiver(context: WireContext, link: OutboundLink): OutboundHandler {
  const queue = findReceivable(context.namespace, link.address);
  requireReceivable(queue);
  queue.accessedAt = context.clock.now();
  const receiver = new LinkReceiver(context, link, queue);
  if (sessionFilter in link.filter) return acceptSession(context, { link, queue, receiver });
  if (!(queue.shelf instanceof OpenShelf)) {
    throw new AmqpError(
      "amqp:not-allowed",
      "It is not possible for an entity that requires sessions to create a non-sessionful message receiver.",
    );
  }
  queue.shelf.attach(receiver);
  link.answer();
  return {
    flow: () => {
      queue.shelf.pump(receiver);
    },
    closed: () => {
      receiver.stop();
      queue.shelf.detach(receiver);
    },
  };
}

/** A link as the queue sees it. */
class LinkReceiver implements MessageReceiver {
  readonly destructive: boolean;
  readonly #context: WireContext;
  readonly #link: OutboundLink;
  readonly #queue: MessageQueue;
  /** Deliveries that a fault holds back, by what stops them; they have taken credit already. */
  readonly #delayed = new Set<() => void>();

  constructor(context: WireContext, link: OutboundLink, queue: MessageQueue) {
    this.destructive = link.presettled;
    this.#context = context;
    this.#link = link;
    this.#queue = queue;
  }

  get credit(): number {
    return this.#link.credit - this.#delayed.size;
  }

  deliver(message: StoredMessage, lock: MessageLock | undefined): void {
    const { faults, clock } = this.#context;
    const delay = faults.delays.strike(this.#link.address);
    if (delay === undefined) {
      this.#send(message, lock);
    } else {
      const stop = clock.after(delay, () => {
        this.#delayed.delete(stop);
        this.#send(message, lock);
      });
      this.#delayed.add(stop);
    }
    if (!faults.copies.has(message.content) && faults.duplicates.strike(this.#link.address))
      this.#copy(message);
  }

  /** What is held back is not delivered any more. */
  stop(): void {
    for (const stop of this.#delayed) stop();
    this.#delayed.clear();
  }

  close(error: AmqpError): void {
    this.stop();
    this.#link.close(error);
  }

  #send(message: StoredMessage, lock: MessageLock | undefined): void {
    const payload = encodeStored(message);
    if (!lock) {
      this.#link.sendSettled(payload);
      return;
    }
    this.#link.send(payload, toDeliveryTag(lock.token), (outcome) => {
      const fault = this.#context.faults.cutSettlements.strike(this.#link.address);
      if (fault) this.#link.cut();
      if (fault && !fault.applied) return;
      if (!this.#queue.settle(lock.token, toSettlement(outcome))) throw lockLost();
    });
  }

  #copy(message: StoredMessage): void {
    const content = { ...message.content };
    this.#context.faults.copies.add(content);
    this.#queue.enqueue(content, { deliveryCount: message.deliveryCount + 1 });
  }
}
