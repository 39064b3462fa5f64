import { SqlError } from "../../../session.ts";
import { createDenied, lockTimeout, sqlError, unknownDatabase } from "../../errors.ts";
import { userOf } from "../../rights/ask.ts";
import { holds } from "../../rights/holds.ts";
import { findUser } from "../../rights/session-principal.ts";
import { readCatalog } from "../../catalog/store.ts";
import type { DatabaseFile } from "../../storage/database-file.ts";
import type { DatabaseSetting, DefinitionStatement } from "../../syntax/statement.ts";
import { connectionTo } from "../connections.ts";
import type { Frame, SessionState } from "../session-state.ts";
import { withoutWriters } from "../transactions.ts";

type Of<Kind extends DefinitionStatement["kind"]> = Extract<DefinitionStatement, { kind: Kind }>;

/** USE: transactions go on. @throws SqlError 911, 916 */
export function runUse(frame: Frame, name: string): void {
  const { session, sink } = frame;
  const database = session.server.databases.find(name);
  if (database === undefined) throw unknownDatabase(name);
  userOf(session, database);
  const from = session.database;
  session.database = database;
  from.users--;
  database.users++;
  sink.databaseChanged(from.name, database.name);
  sink.done(undefined);
}

/** @throws SqlError 226 (inside a transaction), 262, 1801 */
export function runCreateDatabase({ session, sink }: Frame, { name }: Of<"createDatabase">): void {
  refuseInTransaction(session, "CREATE");
  if (!session.login.administrator) throw createDenied("CREATE DATABASE", "master");
  const { databases } = session.server;
  if (databases.find(name) !== undefined) {
    const message = `Database '${name}' already exists. Choose a different database name.`;
    throw sqlError(message, { number: 1801, state: 3 });
  }
  databases.create(name);
  sink.done(undefined);
}

/** @throws SqlError 226 (inside a transaction), 5011, 5058, 5070 */
export async function runAlterDatabase(frame: Frame, { name, setting }: Of<"alterDatabase">): Promise<void> {
  const { session, sink } = frame;
  refuseInTransaction(session, "ALTER");
  const database = name === "" ? session.database : session.server.databases.find(name);
  if (database === undefined || !mayAlter(session, database)) throw cannotAlterDatabase(name);
  if (setting.kind === "readOnly") await setReadOnly(frame, database, setting);
  sink.done(undefined);
}

/**
 * Waits for transactions that write, where SQL Server waits for every other session to leave; ROLLBACK IMMEDIATE waits
 * for them, too.
 */
async function setReadOnly(
  { session, signal }: Frame,
  database: DatabaseFile,
  { value, wait }: Extract<DatabaseSetting, { kind: "readOnly" }>,
): Promise<void> {
  if (database.id < FIRST_OWN) {
    const option = value ? "READ_ONLY" : "READ_WRITE";
    throw sqlError(`Option '${option}' cannot be set in database '${database.name}'.`, { number: 5058 });
  }
  try {
    await withoutWriters(session, { database, timeout: wait ? -1 : 0, signal }, () => {
      database.readOnly = value;
    });
  } catch (error) {
    const isTaken = error instanceof SqlError && error.number === lockTimeout().number;
    throw isTaken ? inUse(database.name) : error;
  }
}

/** database_id of the first that is not the server's own. */
const FIRST_OWN = 5;

function mayAlter(session: SessionState, database: DatabaseFile): boolean {
  if (session.login.administrator) return true;
  const catalog = readCatalog(connectionTo(session, database));
  const user = findUser(catalog, database.name, session.login);
  return user !== undefined && holds(catalog.permissions, user.principal, "ALTER", { class: "DATABASE" });
}

function cannotAlterDatabase(name: string): SqlError {
  const message = `User does not have permission to alter database '${name}', the database does not exist, or the database is not in a state that allows access checks.`;
  return sqlError(message, { number: 5011, class: 14, state: 5 });
}

function inUse(name: string): SqlError {
  const message = `Database state cannot be changed while other users are using the database '${name}'`;
  return sqlError(message, { number: 5070, state: 2 });
}

function refuseInTransaction({ transaction }: SessionState, verb: "CREATE" | "ALTER" | "DROP"): void {
  if (transaction === undefined) return;
  const message = `${verb} DATABASE statement not allowed within multi-statement transaction.`;
  throw sqlError(message, { number: 226, state: 6 });
}

/** @throws SqlError 226 (inside a transaction), 3701, 3702 */
export function runDropDatabase(frame: Frame, { names, ifExists }: Of<"dropDatabase">): void {
  refuseInTransaction(frame.session, "DROP");
  for (const name of names) dropDatabase(frame, name, ifExists);
  frame.sink.done(undefined);
}

function dropDatabase(frame: Frame, name: string, ifExists: boolean): void {
  const { session } = frame;
  const database = session.server.databases.find(name);
  if (database === undefined && ifExists) return;
  if (database === undefined || !session.login.administrator) {
    const message = `Cannot drop the database '${name}', because it does not exist or you do not have permission.`;
    throw sqlError(message, { number: 3701, class: 11, state: 1 });
  }
  if (database.users > 0 || database.id < FIRST_OWN) {
    throw sqlError(`Cannot drop database "${name}" because it is currently in use.`, {
      number: 3702,
      state: 3,
    });
  }
  // This session may have worked in it before it went to master.
  if (session.connections.has(database)) connectionTo(session, database).close();
  session.connections.delete(database);
  session.server.databases.drop(database);
}
