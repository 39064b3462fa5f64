import type { Message } from "rhea";
import { type AmqpError, toAmqpError } from "./errors.ts";
import { toEntityPath } from "./entity-path.ts";
import { type Outcome, toAccepted, toRejected } from "./outcome.ts";
import type { RheaDelivery, RheaSender } from "./rhea-types.ts";
import { createTracking } from "./tracking.ts";
import type { AmqpMap } from "./values.ts";

export interface AttachAnswer {
  readonly filter?: AmqpMap;
  readonly properties?: AmqpMap;
}

/** The largest ulong: what the services say of a message they send. */
const unlimited = Buffer.alloc(8, 0xff);

/** Ends a delivery as the client asked; a throw tells the client why it could not. */
export type SettleDelivery = (outcome: Outcome) => void;

/** A link on which a client receives. */
export class OutboundLink {
  /** Path of the entity. */
  readonly address: string;
  /** The name the client gave the link; management requests refer to it. */
  readonly name: string;
  readonly filter: AmqpMap;
  readonly properties: AmqpMap;
  /** What the client would like the service to do besides. */
  readonly desired: readonly string[];
  /** The client takes deliveries as settled when they arrive (receive and delete). */
  readonly presettled: boolean;
  /** Cuts the link's connection as a network would. */
  readonly cut: () => void;
  readonly #sender: RheaSender;
  readonly #deliveries = new Map<RheaDelivery, SettleDelivery>();
  /** Deliveries sent and credits given back since the link began; see `credit`. */
  #used = 0;
  #held = false;
  #closed = false;

  constructor(sender: RheaSender, cut: () => void) {
    const { source, properties, snd_settle_mode: mode, desired_capabilities: desired } = sender.remote.attach;
    this.#sender = sender;
    this.cut = cut;
    this.address = toEntityPath(source?.address ?? "");
    this.name = sender.name;
    this.filter = source?.filter ?? {};
    this.properties = properties ?? {};
    this.desired = [desired ?? []].flat();
    this.presettled = mode === 1;
  }

  /**
   * How many deliveries the client can take now. rhea lowers its own figure only when it writes the frames,
   * so this counts from the limit (deliveries made plus credit), which writing does not change.
   */
  get credit(): number {
    if (this.#closed || this.#held) return 0;
    return this.#sender.delivery_count + this.#sender.credit - this.#used;
  }

  /** Leaves the client's attach unanswered until `answer` or `close`: how the service waits for a session. */
  hold(): void {
    this.#held = true;
    this.#sender.state.local_open = false;
    this.#sender.state.open_requests = 0;
  }

  answer(answer: AttachAnswer = {}): void {
    const { attach } = this.#sender.local;
    const { remote } = this.#sender;
    const { source, target, snd_settle_mode: sendMode, rcv_settle_mode: receiveMode } = remote.attach;
    attach["max_message_size"] = unlimited;
    attach["snd_settle_mode"] = sendMode;
    attach["rcv_settle_mode"] = receiveMode;
    attach["properties"] = { ...createTracking(), ...answer.properties };
    this.#sender.set_source({ address: source?.address, ...(answer.filter && { filter: answer.filter }) });
    if (target) this.#sender.set_target({ address: target.address });
    if (this.#held) this.#sender.open();
    this.#held = false;
  }

  /** Sends a delivery that the client must end. */
  send(payload: Buffer, tag: Buffer, settle: SettleDelivery): void {
    this.#used += 1;
    const delivery = this.#sender.send(payload, tag, 0) as unknown as RheaDelivery;
    this.#deliveries.set(delivery, settle);
  }

  /** Sends a delivery that is over as soon as it is sent. */
  sendSettled(payload: Buffer): void {
    this.#used += 1;
    (this.#sender.send(payload, undefined, 0) as unknown as RheaDelivery).settled = true;
  }

  /** Sends a message that the service itself makes. */
  sendMessage(message: Message): void {
    this.#used += 1;
    (this.#sender.send(message) as unknown as RheaDelivery).settled = true;
  }

  /** Gives the remaining credit back: the client asked for what there is now, and no more. */
  drained(): void {
    this.#used += Math.max(0, this.credit);
    this.#sender.set_drained(true);
  }

  close(error: AmqpError): void {
    if (this.#closed) return;
    this.#closed = true;
    // An attach is answered before it is refused; without a source the client knows that it was.
    if (this.#held) this.#sender.open();
    this.#sender.close({ condition: error.condition, description: error.message });
  }

  /** The client is gone. */
  detached(): void {
    this.#closed = true;
    this.#deliveries.clear();
  }

  /** The client ended a delivery; it is told how that went. */
  settle(delivery: RheaDelivery, outcome: Outcome): void {
    const settle = this.#deliveries.get(delivery);
    this.#deliveries.delete(delivery);
    delivery.update(true, settle ? toState(settle, outcome) : undefined);
    // The client never says "settled" again in this mode (receiver settles second), and rhea frees the slot
    // of a delivery only when both sides did: without this, deliveries stop when its ring is full.
    delivery.remote_settled = true;
  }
}

function toState(settle: SettleDelivery, outcome: Outcome): unknown {
  try {
    settle(outcome);
    return toAccepted();
  } catch (error) {
    return toRejected(toAmqpError(error));
  }
}
