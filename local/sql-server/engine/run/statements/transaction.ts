import type { TransactionStatement } from "../../syntax/statement.ts";
import type { Frame } from "../session-state.ts";
import {
  beginTransaction,
  commitTransaction,
  rollbackTransaction,
  saveTransaction,
} from "../transactions.ts";

/** BEGIN, COMMIT, ROLLBACK and SAVE TRANSACTION; a name may come from a variable. */
export function runTransaction(frame: Frame, statement: TransactionStatement): void {
  const { session, sink } = frame;
  const name = nameOf(frame, statement.name);
  switch (statement.kind) {
    case "beginTransaction":
      if (beginTransaction(session, name) === "began") sink.transactionChanged("began");
      break;
    case "commit":
      if (commitTransaction(session) === "committed") sink.transactionChanged("committed");
      break;
    case "rollback":
      if (rollbackTransaction(session, name) === "rolledBack") sink.transactionChanged("rolledBack");
      break;
    case "saveTransaction":
      saveTransaction(session, name);
      break;
  }
  sink.done(undefined);
}

function nameOf(frame: Frame, name: string): string {
  return name.startsWith("@") ? String(frame.variables.get(name.toLowerCase())?.value ?? "") : name;
}
