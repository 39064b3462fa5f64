import type { Duplex } from "node:stream";
import type { Delivery, Sender } from "rhea";
import type { AmqpMap } from "./values.ts";

/**
 * The parts of rhea that its typings leave out or type as `any`, as far as a server needs them (rhea 3.0.5).
 */
export interface RheaConnection {
  accept(socket: Duplex): void;
  /** Whether it writes to its socket. */
  socket_ready: boolean;
  /** The socket is at its end. */
  eof(): void;
  on_transfer(frame: TransferFrame): void;
  /** Every frame that goes out; without a performative it is a heartbeat. */
  _write_frame: (channel?: number, performative?: Performative, payload?: Buffer) => void;
  on(event: string, listener: (context: RheaContext) => void): void;
}

/** A frame as rhea builds it; its fields follow the order of the specification. */
interface Performative {
  readonly value: unknown[];
  readonly constructor: unknown;
}

export interface TransferFrame {
  readonly performative: { message_format: number | null | undefined };
}

export interface RheaContext {
  readonly sender?: RheaSender;
  readonly receiver?: RheaReceiver;
  readonly session?: RheaSession;
  readonly delivery?: RheaDelivery;
  /** Bytes: see `AmqpServer` for why never a decoded message. */
  readonly message?: Buffer;
}

interface RheaSession {
  readonly local: { readonly begin: Record<string, unknown> };
}

interface RheaLink {
  readonly name: string;
  readonly session: unknown;
  readonly state: { local_open: boolean; open_requests: number };
  readonly local: { readonly attach: Record<string, unknown> };
  readonly remote: { readonly attach: RemoteAttach };
  set_source(fields: object): void;
  set_target(fields: object): void;
  open(): void;
  close(error?: { condition: string; description: string }): void;
}

interface RemoteAttach {
  readonly source?: { readonly address?: string | null; readonly filter?: AmqpMap | null } | null;
  readonly target?: { readonly address?: string | null } | null;
  readonly properties?: AmqpMap | null;
  readonly snd_settle_mode?: number;
  readonly rcv_settle_mode?: number;
  readonly desired_capabilities?: string | readonly string[] | null;
}

export interface RheaSender extends RheaLink {
  readonly credit: number;
  readonly delivery_count: number;
  readonly send: Sender["send"];
  set_drained(drained: boolean): void;
}

export type RheaReceiver = RheaLink;

export interface RheaDelivery extends Omit<Delivery, "settled" | "remote_settled" | "remote_state"> {
  settled: boolean;
  remote_settled: boolean;
  readonly remote_state?: RemoteState;
}

/** The fields of every outcome a client can send (AMQP 1.0, part 3, 3.4). */
export interface RemoteState {
  readonly undeliverable_here?: boolean;
  readonly message_annotations?: AmqpMap;
  readonly error?: { readonly info?: AmqpMap };
}
