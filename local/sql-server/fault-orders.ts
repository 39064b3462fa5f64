import { tellParent } from "../child-side.ts";
import type { FaultEffect, FaultFacts, Faults } from "./tds/faults.ts";

/** A fault of the SQL Server stand-ins as data: they run in a process of their own. It strikes once. */
export interface FaultOrder {
  /** Which server, from 0. */
  readonly server: number;
  readonly stage: FaultFacts["stage"];
  /** Only connections of this application: whoever looks into the databases meanwhile is spared. */
  readonly applicationName: string;
  /** Only requests whose text has this in it. */
  readonly text?: string;
  readonly effect: FaultEffect;
}

/** To the child. */
export type FaultMessage =
  { readonly faults: "add"; readonly id: number; readonly order: FaultOrder } | { readonly faults: "clear" };

/** From the child. */
interface FaultStruck {
  readonly struck: number;
}

/** The parent's end: orders faults, and is told when they strike. */
export interface OrderedFaults {
  add(order: FaultOrder, onStrike: () => void): void;
  /** Takes back what has not struck yet. */
  clear(): void;
  /** A message of the child. */
  receive(message: unknown): void;
}

export function createOrderedFaults(send: (message: FaultMessage) => void): OrderedFaults {
  const waiting = new Map<number, () => void>();
  let ids = 0;
  return {
    add: (order, onStrike) => {
      ids += 1;
      waiting.set(ids, onStrike);
      send({ faults: "add", id: ids, order });
    },
    clear: () => {
      send({ faults: "clear" });
    },
    receive: (message) => {
      const { struck } = message as FaultStruck;
      waiting.get(struck)?.();
      waiting.delete(struck);
    },
  };
}

/** The child's end. */
export function receiveFault(servers: readonly Faults[], message: FaultMessage): void {
  if (message.faults === "clear") {
    for (const faults of servers) faults.clear();
    return;
  }
  const { stage, applicationName, text = "", effect, server } = message.order;
  servers[server]?.add({
    ...{ stage, effect },
    matches: (facts) => facts.applicationName === applicationName && facts.text.includes(text),
    onStrike: () => {
      tellParent({ struck: message.id } satisfies FaultStruck);
    },
  });
}
