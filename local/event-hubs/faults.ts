import type { AmqpCondition } from "../amqp/errors.ts";
import { type ClearFault, concerns, type FaultScope, FaultRules } from "../amqp/fault-rules.ts";

/** What can be made to go wrong in the Event Hubs stand-in. The entity of a scope is a hub. */
export interface EventHubsFaults {
  /** Rejects events sent. The default condition is com.microsoft:server-busy, which SDKs retry. */
  refuseSends(scope?: FaultScope & { readonly condition?: AmqpCondition }): ClearFault;
  /** Cuts the connection when events arrive: before they are taken in or, with `stored`, after. */
  cutSends(scope: FaultScope & { readonly stored: boolean }): ClearFault;
  /** Holds an event, and those after it, back. */
  delayDeliveries(scope: FaultScope & { readonly milliseconds: number }): ClearFault;
  /** Delivers an event once more. With no limit to its times it delivers the same event for ever. */
  duplicateDeliveries(scope: FaultScope & { readonly times: number }): ClearFault;
  /** Cuts connections that have a link to the hub (left out: to anything) now. Returns how many. */
  cutConnections(entity?: string): number;
  /** Takes every fault back. */
  clear(): void;
}

/** The faults in waiting, as the wire operations ask for them. */
export interface PendingFaults {
  readonly refusedSends: FaultRules<AmqpCondition>;
  readonly cutSends: FaultRules<{ readonly stored: boolean }>;
  readonly delays: FaultRules<number>;
  readonly duplicates: FaultRules;
}

export function createPendingFaults(): PendingFaults {
  return {
    refusedSends: new FaultRules(),
    cutSends: new FaultRules(),
    delays: new FaultRules(),
    duplicates: new FaultRules(),
  };
}

export function createFaults(
  pending: PendingFaults,
  cut: (matches: (address: string) => boolean) => number,
): EventHubsFaults {
  return {
    refuseSends: (scope = {}) =>
      pending.refusedSends.add(scope, scope.condition ?? "com.microsoft:server-busy"),
    cutSends: (scope) => pending.cutSends.add(scope, scope),
    delayDeliveries: (scope) => pending.delays.add(scope, scope.milliseconds),
    duplicateDeliveries: (scope) => pending.duplicates.add(scope, true),
    cutConnections: (entity) => cut((address) => concerns(entity, address)),
    clear: () => {
      const { refusedSends, cutSends, delays, duplicates } = pending;
      for (const rules of [refusedSends, cutSends, delays, duplicates]) rules.clear();
    },
  };
}
