import { setImmediate } from "node:timers/promises";
import type { Duplex } from "node:stream";
import { toEntityPath } from "./entity-path.ts";
import { AmqpError, toAmqpError } from "./errors.ts";
import type { AmqpNode, InboundHandler, OutboundHandler } from "./node.ts";
import { OutboundLink } from "./outbound-link.ts";
import { type Outcome, parseOutcome, toAccepted, toRejected } from "./outcome.ts";
import { claimsAddress, createClaimsHandler, createManagementHandler, isManagement } from "./requests.ts";
import { allows, type Grant, type Right, toClaimRequired } from "./tokens.ts";
import type { RheaConnection, RheaContext, RheaReceiver, RheaSender, TransferFrame } from "./rhea-types.ts";
import { createTracking } from "./tracking.ts";
import { writeWholeFrames } from "./whole-frames.ts";

interface Served {
  readonly session: unknown;
  readonly address: string;
  closed(): void;
}
interface ServedInbound extends Served {
  readonly handler: InboundHandler;
}
interface ServedOutbound extends Served {
  readonly link: OutboundLink;
  readonly handler: OutboundHandler;
}

/** rhea hands a message of any format but 0 over as bytes. */
const bytesPlease = 1;

/** The services' own limit: 256 links in a session. */
const highestHandle = 255;

/** One client's connection: its links, and whether it has shown a token. */
export class ServedConnection {
  readonly #node: AmqpNode;
  readonly #socket: Duplex;
  readonly #inbound = new Map<RheaReceiver, ServedInbound>();
  readonly #outbound = new Map<RheaSender, ServedOutbound>();
  readonly #replies = new Map<string, OutboundLink>();
  readonly #grants: Grant[] = [];

  constructor(node: AmqpNode, connection: RheaConnection, socket: Duplex) {
    this.#node = node;
    this.#socket = socket;
    this.#listen(connection);
    writeWholeFrames(connection);
    connection.on("disconnected", () => undefined);
    socket.once("close", () => {
      // rhea hears of a goodbye and not of a cut; its heartbeats would go on for ever, and keep the process alive.
      connection.socket_ready = false;
      connection.eof();
      this.#closeLinks(() => true);
    });
    connection.accept(socket);
  }

  /** Whether one of the links has such an address. */
  uses(matches: (address: string) => boolean): boolean {
    return [...this.#inbound.values(), ...this.#outbound.values()].some(({ address }) => matches(address));
  }

  /** Cuts the connection as a network would: no goodbye. */
  readonly cut = (): void => {
    this.#socket.destroy();
  };

  #listen(connection: RheaConnection): void {
    const deliver = connection.on_transfer.bind(connection);
    // rhea decodes messages of format 0 and drops the bytes; a broker needs the bytes.
    connection.on_transfer = (frame: TransferFrame) => {
      if (frame.performative.message_format === 0) frame.performative.message_format = bytesPlease;
      deliver(frame);
    };
    connection.on("session_open", ({ session }) => {
      if (session) session.local.begin["handle_max"] = highestHandle;
    });
    connection.on("receiver_open", ({ receiver }) => {
      if (receiver) this.#openInbound(receiver);
    });
    connection.on("sender_open", ({ sender }) => {
      if (sender) this.#openOutbound(sender);
    });
    connection.on("message", (context) => void this.#receive(context));
    connection.on("sender_flow", (context) => this.#receiving(context)?.handler.flow());
    connection.on("sender_draining", (context) => this.#receiving(context)?.link.drained());
    for (const event of ["receiver_close", "sender_close"]) connection.on(event, this.#linkClosed);
    connection.on("session_close", ({ session }) => {
      this.#closeLinks((served) => served.session === session);
    });
    for (const kind of ["accepted", "released", "modified", "rejected"] as const) {
      connection.on(kind, (context) => {
        this.#settle(kind, context);
      });
    }
    for (const event of quietEvents) connection.on(event, () => undefined);
  }

  #receiving({ sender }: RheaContext): ServedOutbound | undefined {
    return sender && this.#outbound.get(sender);
  }

  #openInbound(receiver: RheaReceiver): void {
    const {
      source,
      target,
      snd_settle_mode: sendMode,
      rcv_settle_mode: receiveMode,
    } = receiver.remote.attach;
    const address = toEntityPath(target?.address ?? "");
    try {
      const handler = this.#createInboundHandler(address);
      const answer = receiver.local.attach;
      answer["max_message_size"] = this.#node.maxMessageSize;
      answer["snd_settle_mode"] = sendMode;
      answer["rcv_settle_mode"] = receiveMode;
      answer["properties"] = createTracking();
      receiver.set_target({ address: target?.address });
      receiver.set_source({ address: source?.address });
      const served = { session: receiver.session, address, handler, closed: handler.closed.bind(handler) };
      this.#inbound.set(receiver, served);
    } catch (error) {
      const { condition, message } = toAmqpError(error);
      receiver.close({ condition, description: message });
    }
  }

  #createInboundHandler(address: string): InboundHandler {
    if (address === claimsAddress) {
      return createClaimsHandler(this.#node, this.#replies, (grant) => this.#grants.push(grant));
    }
    this.#requireRight(address, "send");
    if (isManagement(address)) return createManagementHandler(this.#node, this.#replies, address);
    return this.#node.openInbound({ address, cut: this.cut });
  }

  #openOutbound(sender: RheaSender): void {
    const link = new OutboundLink(sender, this.cut);
    try {
      const handler = this.#createOutboundHandler(
        link,
        toEntityPath(sender.remote.attach.target?.address ?? ""),
      );
      const closed = (): void => {
        link.detached();
        handler.closed();
      };
      this.#outbound.set(sender, { session: sender.session, address: link.address, link, handler, closed });
    } catch (error) {
      link.close(toAmqpError(error));
    }
  }

  #createOutboundHandler(link: OutboundLink, target: string): OutboundHandler {
    if (link.address !== claimsAddress) this.#requireRight(link.address, "listen");
    if (link.address === claimsAddress || isManagement(link.address)) {
      const names = [link.name, target, link.address].filter((name) => name !== "");
      for (const name of names) this.#replies.set(name, link);
      link.answer();
      return {
        flow: () => undefined,
        closed: () => {
          for (const name of names) if (this.#replies.get(name) === link) this.#replies.delete(name);
        },
      };
    }
    return this.#node.openOutbound(link);
  }

  /** Whoever has any right may ask `$management`: receivers renew locks there, senders read partitions. */
  #requireRight(address: string, right: Right): void {
    const known = this.#grants.length > 0;
    if (isManagement(address) ? known : this.#grants.some((grant) => allows(grant, right, address))) return;
    const text = known
      ? toClaimRequired(right, address)
      : `Unauthorized access to '${address}': no valid token was presented on this connection.`;
    throw new AmqpError("amqp:unauthorized-access", text);
  }

  async #receive({ receiver, delivery, message }: RheaContext): Promise<void> {
    const served = receiver && this.#inbound.get(receiver);
    if (!served || !delivery || !message) return;
    try {
      this.#requireSize(message.length);
      const format = delivery.format === bytesPlease ? 0 : delivery.format;
      const { handler } = served;
      if (handler.acceptsFirst) {
        delivery.update(true, toAccepted());
        // rhea writes at the end of the tick, and transfers before dispositions.
        await setImmediate();
      }
      const pending = handler.receive(message, format);
      if (pending) await pending;
      if (!handler.acceptsFirst) delivery.update(true, toAccepted());
    } catch (error) {
      delivery.update(true, toRejected(toAmqpError(error)));
    }
  }

  #requireSize(size: number): void {
    const limit = this.#node.maxMessageSize;
    if (size <= limit) return;
    throw new AmqpError(
      "amqp:link:message-size-exceeded",
      `The received message (size:${size} bytes) exceeds the limit (${limit} bytes) currently allowed on the link.`,
    );
  }

  #settle(kind: Outcome["kind"], context: RheaContext): void {
    const { delivery } = context;
    if (delivery) this.#receiving(context)?.link.settle(delivery, parseOutcome(kind, delivery.remote_state));
  }

  readonly #linkClosed = ({ receiver, sender }: RheaContext): void => {
    this.#closeLinks((_served, link) => link === receiver || link === sender);
  };

  #closeLinks(chosen: (served: Served, link: unknown) => boolean): void {
    for (const links of [this.#inbound, this.#outbound] as Map<unknown, Served>[]) {
      for (const [link, served] of links) {
        if (!chosen(served, link)) continue;
        links.delete(link);
        served.closed();
      }
    }
  }
}

/** Events rhea turns into a throw or a warning when nobody listens; the socket's end tells us all we need. */
const quietEvents = [
  "connection_open connection_close connection_error disconnected error protocol_error",
  "session_error receiver_error sender_error settled sendable receiver_flow",
].flatMap((names) => names.split(" "));
