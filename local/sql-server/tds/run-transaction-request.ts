import type { SqlSession } from "../session.ts";
import type { TransactionRequest } from "./requests.ts";
import type { Response } from "./response.ts";

/** Runs a transaction manager's request, and tells the client when its transaction began or ended. */
export async function runTransactionRequest(
  session: SqlSession,
  request: TransactionRequest,
  response: Response,
): Promise<void> {
  const before = session.transactionCount;
  if (request.kind === "begin") {
    session.beginTransaction(request.isolation, request.name);
    if (before === 0) response.transactionChanged("began");
    return;
  }
  if (request.kind === "save") {
    await session.saveTransaction(request.name);
    return;
  }
  await endTransaction(session, request.kind, request.name);
  const ended = before > 0 && session.transactionCount === 0;
  if (ended) response.transactionChanged(request.kind === "commit" ? "committed" : "rolledBack");
  if (request.next === undefined) return;
  session.beginTransaction(request.next.isolation, request.next.name);
  if (ended) response.transactionChanged("began");
}

function endTransaction(session: SqlSession, kind: "commit" | "rollback", name: string): Promise<void> {
  return kind === "commit" ? session.commitTransaction() : session.rollbackTransaction(name);
}
