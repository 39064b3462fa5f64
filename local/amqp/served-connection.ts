import type { Socket } from "node:net";
import { AmqpError, toAmqpError } from "./errors.ts";
import type { AmqpNode, InboundHandler, OutboundHandler } from "./node.ts";
import { OutboundLink } from "./outbound-link.ts";
import { type Outcome, parseOutcome } from "./outcome.ts";
import { claimsAddress, createClaimsHandler, createManagementHandler, isManagement } from "./requests.ts";
import { type Right, toClaimRequired } from "./tokens.ts";
import type { RheaConnection, RheaContext, RheaReceiver, RheaSender, TransferFrame } from "./rhea-types.ts";

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

/** One client's connection: its links, and whether it has shown a token. */
export class ServedConnection {
  readonly #node: AmqpNode;
  readonly #socket: Socket;
  readonly #inbound = new Map<RheaReceiver, ServedInbound>();
  readonly #outbound = new Map<RheaSender, ServedOutbound>();
  readonly #replies = new Map<string, OutboundLink>();
  readonly #rights = new Set<Right>();

  constructor(node: AmqpNode, connection: RheaConnection, socket: Socket) {
    this.#node = node;
    this.#socket = socket;
    this.#listen(connection);
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
    const address = receiver.remote.attach.target?.address ?? "";
    try {
      const handler = this.#createInboundHandler(address);
      receiver.local.attach["max_message_size"] = this.#node.maxMessageSize;
      receiver.set_target({ address });
      receiver.set_source({ address: receiver.remote.attach.source?.address });
      const served = { session: receiver.session, address, handler, closed: handler.closed.bind(handler) };
      this.#inbound.set(receiver, served);
    } catch (error) {
      const { condition, message } = toAmqpError(error);
      receiver.close({ condition, description: message });
    }
  }

  #createInboundHandler(address: string): InboundHandler {
    if (address === claimsAddress) {
      return createClaimsHandler(this.#node, this.#replies, (rights) => {
        for (const right of rights) this.#rights.add(right);
      });
    }
    this.#requireRight(address, "send");
    if (isManagement(address)) return createManagementHandler(this.#node, this.#replies, address);
    return this.#node.openInbound({ address, cut: this.cut });
  }

  #openOutbound(sender: RheaSender): void {
    const link = new OutboundLink(sender, this.cut);
    try {
      const handler = this.#createOutboundHandler(link, sender.remote.attach.target?.address ?? "");
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
      const names = [link.name, target].filter((name) => name !== "");
      for (const name of names) this.#replies.set(name, link);
      link.answer();
      return {
        flow: () => undefined,
        closed: () => {
          for (const name of names) this.#replies.delete(name);
        },
      };
    }
    return this.#node.openOutbound(link);
  }

  /** Whoever has any right may ask `$management`: receivers renew locks there, senders read partitions. */
  #requireRight(address: string, right: Right): void {
    if (this.#rights.has(right) || (isManagement(address) && this.#rights.size > 0)) return;
    const text =
      this.#rights.size > 0
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
      const pending = served.handler.receive(message, format);
      if (pending) await pending;
      delivery.accept();
    } catch (error) {
      const { condition, message: description } = toAmqpError(error);
      delivery.reject({ condition, description });
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
  "connection_open connection_close connection_error disconnected error protocol_error session_open",
  "session_error receiver_error sender_error settled sendable receiver_flow",
].flatMap((names) => names.split(" "));
