import type { AmqpCondition } from "../amqp/errors.ts";
import type { AmqpMessage } from "../amqp/message.ts";
import { type ClearFault, concerns, type FaultScope, FaultRules } from "../amqp/fault-rules.ts";
import type { ServiceBusNamespace } from "./state/namespace.ts";

/** What can be made to go wrong in the Service Bus stand-in. */
export interface ServiceBusFaults {
  /** Rejects messages sent. The default condition is com.microsoft:server-busy, which SDKs retry. */
  refuseSends(scope?: FaultScope & { readonly condition?: AmqpCondition }): ClearFault;
  /** Cuts the connection when a message arrives: before it is taken in or, with `stored`, after. */
  cutSends(scope: FaultScope & { readonly stored: boolean }): ClearFault;
  /** Cuts the connection when a receiver settles: before that counts or, with `applied`, after. */
  cutSettlements(scope: FaultScope & { readonly applied: boolean }): ClearFault;
  /** Holds deliveries back; the lock runs meanwhile. */
  delayDeliveries(scope: FaultScope & { readonly milliseconds: number }): ClearFault;
  /** Delivers a copy of a message (same message id, another sequence number) beside it. */
  duplicateDeliveries(scope?: FaultScope): ClearFault;
  /** Cuts connections that have a link to the entity (left out: to anything) now. Returns how many. */
  cutConnections(entity?: string): number;
  /** Ends message and session locks now, as if their time were up. Returns how many. */
  dropLocks(entity?: string): number;
  /** Takes every fault back. */
  clear(): void;
}

/** The faults in waiting, as the wire operations ask for them. */
export interface PendingFaults {
  readonly refusedSends: FaultRules<AmqpCondition>;
  readonly cutSends: FaultRules<{ readonly stored: boolean }>;
  readonly cutSettlements: FaultRules<{ readonly applied: boolean }>;
  readonly delays: FaultRules<number>;
  readonly duplicates: FaultRules;
  /** Copies made by `duplicates`, lest a copy be copied. */
  readonly copies: WeakSet<AmqpMessage>;
}

export function createPendingFaults(): PendingFaults {
  return {
    refusedSends: new FaultRules(),
    cutSends: new FaultRules(),
    cutSettlements: new FaultRules(),
    delays: new FaultRules(),
    duplicates: new FaultRules(),
    copies: new WeakSet(),
  };
}

export function createFaults(
  pending: PendingFaults,
  namespace: ServiceBusNamespace,
  cut: (matches: (address: string) => boolean) => number,
): ServiceBusFaults {
  return {
    refuseSends: (scope = {}) =>
      pending.refusedSends.add(scope, scope.condition ?? "com.microsoft:server-busy"),
    cutSends: (scope) => pending.cutSends.add(scope, scope),
    cutSettlements: (scope) => pending.cutSettlements.add(scope, scope),
    delayDeliveries: (scope) => pending.delays.add(scope, scope.milliseconds),
    duplicateDeliveries: (scope = {}) => pending.duplicates.add(scope, true),
    cutConnections: (entity) => cut((address) => concerns(entity, address)),
    dropLocks: (entity) => {
      const queues = [...namespace.queues()].filter(({ path }) => concerns(entity, path));
      return queues.reduce((sum, queue) => sum + queue.expireLocks(), 0);
    },
    clear: () => {
      const { refusedSends, cutSends, cutSettlements, delays, duplicates } = pending;
      for (const rules of [refusedSends, cutSends, cutSettlements, delays, duplicates]) rules.clear();
    },
  };
}
