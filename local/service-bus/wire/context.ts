import type { AmqpMessage } from "../../amqp/message.ts";
import type { Clock } from "../../part.ts";
import type { PendingFaults } from "../faults.ts";
import type { ServiceBusNamespace } from "../state/namespace.ts";

/** What the wire operations work on. */
export interface WireContext {
  readonly namespace: ServiceBusNamespace;
  readonly clock: Clock;
  readonly faults: PendingFaults;
  /** @throws AmqpError amqp:not-found. Returns the sequence number. */
  readonly send: (address: string, content: AmqpMessage) => number;
}
