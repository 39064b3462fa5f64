import type { Duplex } from "node:stream";
import rhea, { type ConnectionOptions } from "rhea";
import type { AmqpNode } from "./node.ts";
import type { RheaConnection } from "./rhea-types.ts";
import { ServedConnection } from "./served-connection.ts";

/**
 * A session's table of deliveries that are not over yet. rhea frees it from the oldest on, so one message
 * that a client works on for long holds back the slots of all that came after it.
 */
const deliverySlots = 65_536;

/** Frame size, channels and idle time are what the services themselves tell a client that opens a connection. */
const connectionOptions = {
  max_frame_size: 65_536,
  channel_max: 4_999,
  idle_time_out: 240_000,
  session_buffer_size: { incoming: 2_048, outgoing: deliverySlots },
  receiver_options: { autoaccept: false, credit_window: 500 },
  sender_options: { autosettle: false, treat_modified_as_released: false },
};

/** Speaks AMQP 1.0 to the connections it is given, on behalf of a node. */
export class AmqpServer {
  readonly #node: AmqpNode;
  readonly #container = rhea.create_container({ id: "sqlfleet-local" });
  readonly #connections = new Set<ServedConnection>();

  constructor(node: AmqpNode) {
    this.#node = node;
    const mechanisms = this.#container.sasl_server_mechanisms as Mechanisms;
    mechanisms.enable_anonymous();
    // The SDKs ask for this one: no identity here, tokens follow at `$cbs`.
    mechanisms["MSSBCBS"] = mechanisms["ANONYMOUS"];
  }

  readonly accept = (socket: Duplex): void => {
    const connection = this.#container.create_connection(connectionOptions as unknown as ConnectionOptions);
    const served = new ServedConnection(this.#node, connection as unknown as RheaConnection, socket);
    this.#connections.add(served);
    socket.once("close", () => this.#connections.delete(served));
  };

  /** Cuts every connection that has a link to such an address. Returns how many. */
  cut(matches: (address: string) => boolean = () => true): number {
    const chosen = [...this.#connections].filter((connection) => connection.uses(matches));
    for (const connection of chosen) connection.cut();
    return chosen.length;
  }
}

interface Mechanisms extends Record<string, unknown> {
  enable_anonymous(): void;
}
