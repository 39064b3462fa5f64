import { SqlError } from "../../session.ts";
import { deadlockVictim, lockTimeout, noTransaction, sqlError, uncommittable } from "../errors.ts";
import type { Connection } from "../storage/connection.ts";
import type { DatabaseFile } from "../storage/database-file.ts";
import { quoteName } from "../translate/translation.ts";
import { connectionTo } from "./connections.ts";
import { writerLockName } from "./lock-names.ts";
import { Cancelled, type SessionState, type Transaction } from "./session-state.ts";

export function beginTransaction(session: SessionState, name: string): "began" | "nested" {
  if (session.transaction !== undefined) {
    session.transaction.count++;
    return "nested";
  }
  session.transaction = {
    count: 1,
    name,
    doomed: false,
    savepoints: [],
    enlisted: new Map(),
    locks: [],
    temporaryBefore: session.temporary,
    forgetIdentities: false,
  };
  return "began";
}

/** Only the outermost COMMIT commits. @throws SqlError 3902, 3930 */
export function commitTransaction(session: SessionState): "committed" | "nested" {
  const { transaction } = session;
  if (transaction === undefined) throw noTransaction("COMMIT");
  if (transaction.doomed) throw uncommittable();
  if (transaction.count > 1) {
    transaction.count--;
    return "nested";
  }
  for (const database of transaction.enlisted.keys()) connectionTo(session, database).exec("COMMIT");
  end(session, transaction);
  return "committed";
}

/** The whole transaction, whatever its count. */
export function rollbackAll(session: SessionState): boolean {
  const { transaction } = session;
  if (transaction === undefined) return false;
  for (const database of transaction.enlisted.keys()) {
    const connection = connectionTo(session, database);
    if (connection.inTransaction) connection.exec("ROLLBACK");
    if (transaction.forgetIdentities) database.identities.clear();
  }
  session.temporary = transaction.temporaryBefore;
  end(session, transaction);
  return true;
}

/** "" and the transaction's own name mean all of it. @throws SqlError 3903, 6401, 3931 */
export function rollbackTransaction(session: SessionState, name: string): "rolledBack" | "nested" {
  const { transaction } = session;
  if (transaction === undefined) throw noTransaction("ROLLBACK");
  const savepoint = transaction.savepoints.lastIndexOf(name);
  if (name === "" || (savepoint < 0 && name === transaction.name)) {
    rollbackAll(session);
    return "rolledBack";
  }
  if (savepoint < 0) {
    const message = `Cannot roll back ${name}. No transaction or savepoint of that name was found.`;
    throw sqlError(message, { number: 6401 });
  }
  if (transaction.doomed) {
    const message =
      "The current transaction cannot be committed and cannot be rolled back to a savepoint. Roll back the entire transaction.";
    throw sqlError(message, { number: 3931 });
  }
  for (const database of transaction.enlisted.keys()) {
    connectionTo(session, database).exec(`ROLLBACK TO ${savepointName(name)}`);
    if (transaction.forgetIdentities) database.identities.clear();
  }
  transaction.savepoints.length = savepoint + 1;
  return "nested";
}

/** @throws SqlError 628 without a transaction. */
export function saveTransaction(session: SessionState, name: string): void {
  const { transaction } = session;
  if (transaction === undefined)
    throw sqlError("Cannot issue SAVE TRANSACTION when there is no active transaction.", {
      number: 628,
      state: 0,
    });
  if (transaction.doomed) throw uncommittable();
  transaction.savepoints.push(name);
  for (const database of transaction.enlisted.keys()) {
    connectionTo(session, database).exec(`SAVEPOINT ${savepointName(name)}`);
  }
}

function savepointName(name: string): string {
  return quoteName(`savepoint ${name}`);
}

function end(session: SessionState, transaction: Transaction): void {
  const { locks } = session.server;
  session.transaction = undefined;
  for (const [database, state] of transaction.enlisted) {
    if (state === "writing") locks.release(session.id, writerLockName(database));
  }
  for (const lock of transaction.locks) locks.release(session.id, lock);
}

/**
 * Waits for the database's other writer.
 * @param timeout milliseconds; -1 for ever
 * @throws SqlError 1205, 1222; Cancelled
 */
async function lockWriter(
  session: SessionState,
  database: DatabaseFile,
  signal: AbortSignal,
  timeout = session.options.lockTimeout,
): Promise<void> {
  const outcome = await session.server.locks.acquire({
    owner: session.id,
    resource: writerLockName(database),
    mode: "Exclusive",
    timeout,
    signal,
  });
  if (outcome === "cancelled") throw new Cancelled();
  if (outcome === "timeout") throw lockTimeout();
  if (outcome === "deadlock") throw deadlockVictim(session.id);
}

/** Makes the database part of the open transaction, as its writer. */
export async function enlist(
  session: SessionState,
  transaction: Transaction,
  signal: AbortSignal,
): Promise<Connection> {
  const { database } = session;
  const connection = connectionTo(session);
  const state = transaction.enlisted.get(database);
  if (state === "writing") return connection;
  await lockWriter(session, database, signal);
  if (state === undefined) openIn(connection, transaction, "BEGIN IMMEDIATE");
  transaction.enlisted.set(database, "writing");
  return connection;
}

/** Something that happens to a whole database while nobody writes to it. @throws as {@link lockWriter} */
export async function withoutWriters(
  session: SessionState,
  {
    database,
    timeout,
    signal,
  }: { readonly database: DatabaseFile; readonly timeout: number; readonly signal: AbortSignal },
  work: () => void,
): Promise<void> {
  await lockWriter(session, database, signal, timeout);
  try {
    work();
  } finally {
    session.server.locks.release(session.id, writerLockName(database));
  }
}

/** Snapshot isolation: from here on the session reads the database as it is now. */
export function enlistReader(session: SessionState, transaction: Transaction): void {
  if (transaction.enlisted.has(session.database)) return;
  const connection = connectionTo(session);
  openIn(connection, transaction, "BEGIN");
  connection.beginSnapshot();
  transaction.enlisted.set(session.database, "reading");
}

/** Savepoints made before the database was touched hold for it, too. */
function openIn(connection: Connection, transaction: Transaction, verb: string): void {
  connection.exec(verb);
  for (const name of transaction.savepoints) connection.exec(`SAVEPOINT ${savepointName(name)}`);
}

/**
 * Runs one writing statement: all of it or nothing.
 * @throws SqlError 1205, 1222, 3930, 3960 and those of the work
 */
export async function write<T>(
  session: SessionState,
  signal: AbortSignal,
  work: (connection: Connection) => T,
): Promise<T> {
  const { transaction, database } = session;
  if (transaction?.doomed === true) throw uncommittable();
  if (transaction !== undefined) {
    const connection = await enlist(session, transaction, signal);
    return bracket(
      connection,
      ["SAVEPOINT statement", "RELEASE statement", "ROLLBACK TO statement; RELEASE statement"],
      () => work(connection),
    );
  }
  await lockWriter(session, database, signal);
  try {
    const connection = connectionTo(session);
    return bracket(connection, ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"], () => work(connection));
  } finally {
    session.server.locks.release(session.id, writerLockName(database));
  }
}

/** SQLite's SQLITE_BUSY_SNAPSHOT: the database changed since this transaction read it. */
const BUSY_SNAPSHOT = 517;

function bracket<T>(
  connection: Connection,
  [begin, commit, undo]: readonly [string, string, string],
  work: () => T,
): T {
  connection.exec(begin);
  try {
    const result = work();
    connection.exec(commit);
    return result;
  } catch (error) {
    if (connection.inTransaction) connection.exec(undo);
    throw isStale(error) ? staleSnapshot() : error;
  }
}

function isStale(error: unknown): boolean {
  return (
    !(error instanceof SqlError) &&
    error instanceof Error &&
    "errcode" in error &&
    error.errcode === BUSY_SNAPSHOT
  );
}

function staleSnapshot(): SqlError {
  const message = "Snapshot isolation transaction aborted due to update conflict.";
  return sqlError(message, { number: 3960, state: 2 });
}
