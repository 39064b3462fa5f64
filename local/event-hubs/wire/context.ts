import { AmqpError } from "../../amqp/errors.ts";
import type { Clock } from "../../part.ts";
import type { PendingFaults } from "../faults.ts";
import type { Hub } from "../state/hub.ts";

/** What the wire operations work on. */
export interface WireContext {
  /** By name in lower case. */
  readonly hubs: ReadonlyMap<string, Hub>;
  readonly clock: Clock;
  readonly faults: PendingFaults;
}

/** @throws AmqpError amqp:not-found */
export function requireHub({ hubs }: WireContext, name: string): Hub {
  const hub = hubs.get(name.toLowerCase());
  if (hub) return hub;
  throw new AmqpError("amqp:not-found", `The messaging entity '${name}' could not be found.`);
}
