import type { RequestMessage } from "./message.ts";
import type { OutboundLink } from "./outbound-link.ts";
import type { TokenVerdict } from "./tokens.ts";
import type { AmqpCondition } from "./errors.ts";
import type { AmqpMap, AmqpValue } from "./values.ts";

/** What a namespace does for its clients; `AmqpServer` speaks the protocol and calls it. */
export interface AmqpNode {
  /** Bytes: what a transfer may weigh, told to clients when they attach. */
  readonly maxMessageSize: number;
  /** How its answers from `$management` name their status. */
  readonly statusNames: StatusNames;
  judge(token: string): TokenVerdict;
  /** A client wants to send to an address. @throws AmqpError to refuse. */
  openInbound(link: InboundLink): InboundHandler;
  /** A client wants to receive from an address; `link.answer` must be called, now or later. @throws AmqpError */
  openOutbound(link: OutboundLink): OutboundHandler;
  /** A request to `$management`. @throws AmqpError: answered as its condition. */
  manage(request: ManagementRequest): ManagementReply | Promise<ManagementReply>;
}

/** Names of application properties: the two services spell them differently. */
export interface StatusNames {
  readonly code: string;
  readonly description: string;
  readonly condition: string;
}

export interface InboundLink {
  /** Path of the entity. */
  readonly address: string;
  /** Cuts the link's connection as a network would. */
  readonly cut: () => void;
}

export interface InboundHandler {
  /**
   * What is received is a request, accepted before it is answered on another link: clients made with
   * Microsoft's C library drop an answer that comes sooner.
   */
  readonly acceptsFirst?: true;
  /** Accepted when it returns, rejected when it throws. */
  receive(payload: Buffer, format: number): void | Promise<void>;
  closed(): void;
}

export interface OutboundHandler {
  /** The client changed what it can take. */
  flow(): void;
  /** The link, its session or its connection is gone. */
  closed(): void;
}

export interface ManagementRequest {
  /** The entity the request was sent to: its address without `/$management`; "" for the namespace. */
  readonly entity: string;
  readonly operation: string;
  readonly properties: AmqpMap;
  readonly body: RequestMessage["body"];
}

export interface ManagementReply {
  readonly status: number;
  readonly description?: string;
  readonly condition?: AmqpCondition;
  readonly body?: AmqpValue;
}
