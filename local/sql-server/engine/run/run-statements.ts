import type { SqlError, SqlMessage } from "../../session.ts";
import { locate, sqlError } from "../errors.ts";
import type { Statement } from "../syntax/statement.ts";
import { Escaped, Raised, toSqlError } from "./abort.ts";
import { effectOf, isCompileError } from "./effect.ts";
import { Cancelled, isGuarded, type Frame } from "./session-state.ts";
import { rollbackAll } from "./transactions.ts";

/** How a statement ended: where control goes next. */
export type Flow = "next" | "break" | "continue" | "return" | "endScope" | "endBatch";

export type RunStatement = (frame: Frame, statement: Statement) => Promise<Flow> | Flow;

/** Runs statements in order until one says otherwise. */
export async function runAll(
  frame: Frame,
  statements: readonly Statement[],
  run: RunStatement,
): Promise<Flow> {
  for (const statement of statements) {
    const flow = await runGuarded(frame, statement, run);
    if (flow !== "next") return flow;
  }
  return "next";
}

/** One statement, with its errors told or handed to the TRY block around. */
export async function runGuarded(frame: Frame, statement: Statement, run: RunStatement): Promise<Flow> {
  if (frame.signal.aborted) throw new Cancelled();
  const { session } = frame;
  try {
    session.server.faults.strike("before", session.database.name, statement.text);
    const flow = await run(frame, statement);
    session.server.faults.strike("after", session.database.name, statement.text);
    return flow;
  } catch (thrown) {
    if (thrown instanceof Cancelled) throw thrown;
    return fail(frame, statement, thrown);
  }
}

function fail(frame: Frame, statement: Statement, thrown: unknown): Flow {
  const { session } = frame;
  const error = locate(toSqlError(thrown), statement.line, frame.procedure);
  const by = thrown instanceof Raised ? thrown.by : undefined;
  session.errorNumber = error.number;
  const own = thrown instanceof Escaped || !isCompileError(error) || by !== undefined;
  const guarded = own ? isGuarded(frame) : isGuarded(frame.parent);
  if (guarded && error.class < 20) {
    doom(frame, error, by);
    throw new Escaped(error);
  }
  frame.sink.error(error);
  if (isData(statement) && !isFinal(frame, by) && effectOf(error, false) === "statement") {
    frame.sink.info(terminated(error));
  }
  frame.sink.done(undefined);
  return settle(frame, error, by);
}

function isData({ kind }: Statement): boolean {
  return kind === "insert" || kind === "update" || kind === "delete";
}

function terminated({ line, procedure }: SqlError): SqlMessage {
  return { number: 3621, class: 0, state: 0, message: "The statement has been terminated.", line, procedure };
}

/** XACT_ABORT makes every error end batch and transaction, but RAISERROR's. */
function isFinal(frame: Frame, by: Raised["by"] | undefined): boolean {
  return frame.session.options.abortOnError && by !== "RAISERROR";
}

/** Inside TRY a transaction that would have been rolled back can only be rolled back. */
function doom(frame: Frame, error: SqlError, by: Raised["by"] | undefined): void {
  const { transaction } = frame.session;
  if (transaction === undefined) return;
  if (isFinal(frame, by) || (by === undefined && effectOf(error, false) === "batchAndTransaction")) {
    transaction.doomed = true;
  }
}

function settle(frame: Frame, error: SqlError, by: Raised["by"] | undefined): Flow {
  const effect = by === "RAISERROR" ? "statement" : effectOf(error, by === "THROW");
  if (isFinal(frame, by) || effect === "batchAndTransaction" || error.class >= 20) {
    if (rollbackAll(frame.session)) frame.sink.transactionChanged("rolledBack");
    return "endBatch";
  }
  if (effect === "batch") return "endBatch";
  return effect === "scope" ? "endScope" : "next";
}

/** At the end of a batch nothing doomed may stay open. */
export function endDoomed(frame: Frame): void {
  if (frame.session.transaction?.doomed !== true) return;
  rollbackAll(frame.session);
  const message =
    "Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.";
  frame.sink.error(locate(sqlError(message, { number: 3998 }), 1, ""));
  frame.sink.done(undefined);
  frame.sink.transactionChanged("rolledBack");
}
