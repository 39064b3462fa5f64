/** Which entity a fault concerns, and how often it strikes. */
export interface FaultScope {
  /** Topic, queue, subscription path or hub; left out = all. Everything below it is meant too. */
  readonly entity?: string;
  /** Left out = until cleared. */
  readonly times?: number;
}

/** Takes a fault back. */
export type ClearFault = () => void;

interface ActiveFault<Fault> {
  readonly scope: FaultScope;
  readonly fault: Fault;
  left: number;
}

/** Faults of one kind that lie in wait, oldest first. */
export class FaultRules<Fault = true> {
  readonly #active = new Set<ActiveFault<Fault>>();

  add(scope: FaultScope, fault: Fault): ClearFault {
    const active = { scope, fault, left: scope.times ?? Infinity };
    this.#active.add(active);
    return () => {
      this.#active.delete(active);
    };
  }

  /** The fault that strikes now, at this address; it is used up by that. */
  strike(address: string): Fault | undefined {
    if (this.#active.size === 0) return undefined;
    for (const active of this.#active) {
      if (!concerns(active.scope.entity, address)) continue;
      active.left -= 1;
      if (active.left <= 0) this.#active.delete(active);
      return active.fault;
    }
    return undefined;
  }

  clear(): void {
    this.#active.clear();
  }
}

/** Whether an address is the entity, or lies below it; case does not matter. */
export function concerns(entity: string | undefined, address: string): boolean {
  if (entity === undefined) return true;
  const [wanted, given] = [entity.toLowerCase(), address.replace(/^\//, "").toLowerCase()];
  return given === wanted || given.startsWith(`${wanted}/`);
}
