import { createFaultList, type InjectedFault, type Repeated } from "../fault-list.ts";
import { SqlError } from "../session.ts";

/** An error to raise on demand, as if the server had met it. */
interface StatementFault extends Repeated {
  /** The text of the statement; "COMMIT TRANSACTION" and its like for requests of the transaction manager. */
  readonly when?: RegExp;
  /** Name of the database, blind to case; default: any. */
  readonly database?: string;
  readonly error: {
    readonly number: number;
    readonly message?: string;
    readonly class?: number;
    readonly state?: number;
  };
  /** "after": the statement has had its effect already. Default "before". */
  readonly moment?: "before" | "after";
}

/** Faults of single statements. */
export interface StatementFaults {
  raise(fault: StatementFault): InjectedFault;
  clear(): void;
  /** @throws SqlError when a fault strikes here. */
  strike(moment: "before" | "after", database: string, text: string): void;
}

interface Moment {
  readonly moment: "before" | "after";
  readonly database: string;
  readonly text: string;
}

export function createStatementFaults(): StatementFaults {
  const list = createFaultList(matches);
  return {
    raise: (fault) => list.add(fault),
    clear() {
      list.clear();
    },
    strike(moment, database, text) {
      const fault = list.strike({ moment, database, text });
      if (fault !== undefined) throw toError(fault);
    },
  };
}

function matches(fault: StatementFault, { moment, database, text }: Moment): boolean {
  if ((fault.moment ?? "before") !== moment) return false;
  if (fault.database !== undefined && fault.database.toLowerCase() !== database.toLowerCase()) return false;
  return fault.when?.test(text) ?? true;
}

function toError({ error }: StatementFault): SqlError {
  const message = error.message ?? `Fault ${error.number} raised on demand.`;
  return new SqlError(message, {
    number: error.number,
    class: error.class ?? 16,
    state: error.state ?? 1,
    line: 0,
  });
}
