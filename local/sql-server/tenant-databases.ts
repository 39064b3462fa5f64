import type { RunningPart } from "../part.ts";
import type { OrderedFaults } from "./fault-orders.ts";

/** The tenants' databases, wherever they are. */
export interface Databases extends RunningPart {
  readonly login: { readonly user: string; readonly password: string };
  readonly servers: readonly { readonly server: string; readonly databases: readonly string[] }[];
  /** Only the stand-ins can be made to fail. */
  readonly faults?: Omit<OrderedFaults, "receive">;
}
