/** What everything that can be made to fail on demand has in common. */
export interface Repeated {
  /** How often it strikes; default 1, `Infinity` until removed. */
  readonly times?: number;
}

export interface InjectedFault {
  /** How often it struck. */
  readonly struck: number;
  remove(): void;
}

/** Faults that wait for their moment, in the order they were added; one moment meets at most one. */
export interface FaultList<Fault, Facts> {
  add(fault: Fault): InjectedFault;
  clear(): void;
  /** The fault that strikes now, if any. Counts it. */
  strike(facts: Facts): Fault | undefined;
}

export function createFaultList<Fault extends Repeated, Facts>(
  matches: (fault: Fault, facts: Facts) => boolean,
): FaultList<Fault, Facts> {
  let active: { readonly fault: Fault; struck: number }[] = [];
  return {
    add(fault) {
      const entry = { fault, struck: 0 };
      active.push(entry);
      return {
        get struck() {
          return entry.struck;
        },
        remove() {
          active = active.filter((other) => other !== entry);
        },
      };
    },
    clear() {
      active = [];
    },
    strike(facts) {
      const entry = active.find(({ fault, struck }) => struck < (fault.times ?? 1) && matches(fault, facts));
      if (entry === undefined) return undefined;
      entry.struck += 1;
      return entry.fault;
    },
  };
}
