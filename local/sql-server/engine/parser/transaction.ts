import type { TransactionStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";

export function parseBeginTransaction(cursor: Cursor): TransactionStatement {
  cursor.expect("BEGIN");
  acceptWord(cursor);
  const name = transactionName(cursor);
  if (cursor.accept("WITH", "MARK")) throw cursor.unsupported("BEGIN TRANSACTION … WITH MARK");
  return { kind: "beginTransaction", name };
}

/** COMMIT, COMMIT WORK, COMMIT TRAN[SACTION] name. */
export function parseCommit(cursor: Cursor): TransactionStatement {
  cursor.expect("COMMIT");
  if (!acceptWord(cursor)) {
    acceptWork(cursor);
    return { kind: "commit", name: "" };
  }
  const name = transactionName(cursor);
  if (cursor.isNext("WITH", "(")) {
    cursor.expect("WITH", "(");
    while (!cursor.accept(")")) cursor.next();
  }
  return { kind: "commit", name };
}

export function parseRollback(cursor: Cursor): TransactionStatement {
  cursor.expect("ROLLBACK");
  if (acceptWord(cursor)) return { kind: "rollback", name: transactionName(cursor) };
  acceptWork(cursor);
  return { kind: "rollback", name: "" };
}

export function parseSave(cursor: Cursor): TransactionStatement {
  cursor.expect("SAVE");
  if (!acceptWord(cursor)) throw cursor.unexpected();
  const name = transactionName(cursor);
  if (name === "") throw cursor.unexpected();
  return { kind: "saveTransaction", name };
}

function acceptWord(cursor: Cursor): boolean {
  return cursor.accept("TRAN") || cursor.accept("TRANSACTION");
}

/** WORK is no reserved word. */
function acceptWork(cursor: Cursor): void {
  cursor.accept("WORK");
}

/** A name, or a variable that holds it. */
function transactionName(cursor: Cursor): string {
  if (cursor.token.kind === "variable") return cursor.variable();
  return cursor.isIdentifier() ? cursor.identifier() : "";
}
