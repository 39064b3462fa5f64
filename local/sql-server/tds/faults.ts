/** Where in a connection's life a fault may strike. */
type FaultStage = "connect" | "login" | "request";

/** What a fault's predicate sees. */
export interface FaultFacts {
  readonly stage: FaultStage;
  /** "" before the login. */
  readonly database: string;
  readonly applicationName: string;
  /** A batch, a procedure, or a transaction manager request; "" before the first request. */
  readonly request: "" | "batch" | "procedure" | "begin" | "commit" | "rollback" | "save" | "bulkLoad";
  /** The batch, the statement of sp_executesql, another procedure's name, or a transaction's name. */
  readonly text: string;
}

export type FaultEffect =
  | {
      readonly kind: "cut";
      /**
       * "before": the request never runs. "during": cut once it runs, which aborts it unless it is already
       * over. "after": it ran to its end, and no byte of the answer leaves.
       */
      readonly moment: "before" | "during" | "after";
    }
  | { readonly kind: "delay"; readonly moment: "before" | "after"; readonly milliseconds: number }
  | {
      /** Answered instead of running the request (or the login). Severity 20 and above end the connection. */
      readonly kind: "error";
      readonly number: number;
      readonly message: string;
      /** Default 16. */
      readonly class?: number;
      /** As a deadlock does: the open transaction is rolled back first. */
      readonly rollsBack?: boolean;
    };

interface Fault {
  readonly stage: FaultStage;
  /** Default: every one. */
  readonly matches?: (facts: FaultFacts) => boolean;
  readonly effect: FaultEffect;
  /** How often it strikes; default 1, `Infinity` until removed. */
  readonly times?: number;
  /** Told each time it strikes. */
  readonly onStrike?: () => void;
}

interface InjectedFault {
  /** How often it struck. */
  readonly struck: number;
  remove(): void;
}

/** Faults to strike, in the order they were added; one request meets at most one. */
export interface Faults {
  add(fault: Fault): InjectedFault;
  clear(): void;
  /** The effect that strikes now, if any. Counts it. */
  strike(facts: FaultFacts): FaultEffect | undefined;
}

export function createFaults(): Faults {
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
      const entry = active.find(({ fault, struck }) => struck < (fault.times ?? 1) && strikes(fault, facts));
      if (entry === undefined) return undefined;
      entry.struck += 1;
      entry.fault.onStrike?.();
      return entry.fault.effect;
    },
  };
}

function strikes({ stage, matches }: Fault, facts: FaultFacts): boolean {
  return stage === facts.stage && (matches?.(facts) ?? true);
}
