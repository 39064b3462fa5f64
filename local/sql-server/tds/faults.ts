import { createFaultList, type FaultList, type Repeated } from "../fault-list.ts";

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

interface Fault extends Repeated {
  readonly stage: FaultStage;
  /** Default: every one. */
  readonly matches?: (facts: FaultFacts) => boolean;
  readonly effect: FaultEffect;
  /** Told each time it strikes. */
  readonly onStrike?: () => void;
}

/** Faults of connections, logins and whole requests. */
export interface Faults extends Omit<FaultList<Fault, FaultFacts>, "strike"> {
  /** The effect that strikes now, if any. Counts it. */
  strike(facts: FaultFacts): FaultEffect | undefined;
}

export function createFaults(): Faults {
  const list = createFaultList<Fault, FaultFacts>(
    ({ stage, matches }, facts) => stage === facts.stage && (matches?.(facts) ?? true),
  );
  return {
    ...list,
    strike(facts) {
      const fault = list.strike(facts);
      fault?.onStrike?.();
      return fault?.effect;
    },
  };
}
