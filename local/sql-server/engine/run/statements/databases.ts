import { sqlError, unknownDatabase } from "../../errors.ts";
import type { DefinitionStatement } from "../../syntax/statement.ts";
import { connectionTo } from "../connections.ts";
import type { Frame } from "../session-state.ts";

type DatabaseStatement = Extract<
  DefinitionStatement,
  { kind: "createDatabase" | "alterDatabase" | "dropDatabase" }
>;

/** USE: transactions go on. @throws SqlError 911 */
export function runUse(frame: Frame, name: string): void {
  const { session, sink } = frame;
  const database = session.server.databases.find(name);
  if (database === undefined) throw unknownDatabase(name);
  const from = session.database;
  session.database = database;
  from.users--;
  database.users++;
  sink.databaseChanged(from.name, database.name);
  sink.done(undefined);
}

/** @throws SqlError 226 (inside a transaction), 1801, 3701, 3702, 5011 */
export function runDatabaseStatement(frame: Frame, statement: DatabaseStatement): void {
  const { databases } = frame.session.server;
  if (frame.session.transaction !== undefined) {
    const verb = { createDatabase: "CREATE", alterDatabase: "ALTER", dropDatabase: "DROP" }[statement.kind];
    throw sqlError(`${verb} DATABASE statement not allowed within multi-statement transaction.`, {
      number: 226,
      state: 6,
    });
  }
  if (statement.kind === "createDatabase") {
    if (databases.find(statement.name) !== undefined) {
      const message = `Database '${statement.name}' already exists. Choose a different database name.`;
      throw sqlError(message, { number: 1801, state: 3 });
    }
    databases.create(statement.name);
  } else if (statement.kind === "dropDatabase") {
    for (const name of statement.names) dropDatabase(frame, name, statement.ifExists);
  } else if (statement.name !== "" && databases.find(statement.name) === undefined) {
    const message = `User does not have permission to alter database '${statement.name}', the database does not exist, or the database is not in a state that allows access checks.`;
    throw sqlError(message, { number: 5011, class: 14, state: 5 });
  }
  frame.sink.done(undefined);
}

function dropDatabase(frame: Frame, name: string, ifExists: boolean): void {
  const { session } = frame;
  const database = session.server.databases.find(name);
  if (database === undefined) {
    if (ifExists) return;
    const message = `Cannot drop the database '${name}', because it does not exist or you do not have permission.`;
    throw sqlError(message, { number: 3701, class: 11, state: 1 });
  }
  if (database.users > 0 || database.id < 5) {
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
