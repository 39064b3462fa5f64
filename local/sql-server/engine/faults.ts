import { SqlError } from "../session.ts";

/** An error to raise on demand, as if the server had met it. */
interface StatementFault {
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
  /** How often; default 1. */
  readonly times?: number;
}

interface RaisedFault {
  /** How often it struck. */
  readonly struck: number;
  remove(): void;
}

export interface StatementFaults {
  raise(fault: StatementFault): RaisedFault;
  clear(): void;
  /** @throws SqlError when a fault strikes here. */
  strike(moment: "before" | "after", database: string, text: string): void;
}

export function createStatementFaults(): StatementFaults {
  let active: { readonly fault: StatementFault; struck: number }[] = [];
  return {
    raise(fault) {
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
    strike(moment, database, text) {
      const entry = active.find(
        ({ fault, struck }) => struck < (fault.times ?? 1) && strikes(fault, moment, database, text),
      );
      if (entry === undefined) return;
      entry.struck++;
      throw toError(entry.fault);
    },
  };
}

function strikes(fault: StatementFault, moment: string, database: string, text: string): boolean {
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
