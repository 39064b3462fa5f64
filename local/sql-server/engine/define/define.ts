import { writtenName, findObject } from "../catalog/lookup.ts";
import { newObjectId, saveObject } from "../catalog/store.ts";
import { alreadyExists, sqlError } from "../errors.ts";
import type { Connection } from "../storage/connection.ts";
import type { DefinitionStatement } from "../syntax/statement.ts";
import { currentView } from "../run/connections.ts";
import type { Frame, SessionState } from "../run/session-state.ts";
import { alterTable } from "./alter-table.ts";
import { createTable, saveTable } from "./create-table.ts";
import { drop, dropIndex } from "./drop.ts";
import { createSqliteIndex, dropSqliteIndex, toIndex } from "./indexes.ts";
import { defineModule } from "./modules.ts";

/** What happens inside a database; whole databases are made by the session. */
export type InnerDefinition = Exclude<
  DefinitionStatement,
  { kind: "createDatabase" | "alterDatabase" | "dropDatabase" }
>;

/** Changes the database's shape, inside the transaction its writer opened. */
export function define(frame: Frame, connection: Connection, statement: InnerDefinition): void {
  const { session } = frame;
  switch (statement.kind) {
    case "createTable":
      createTable(session, connection, statement);
      return;
    case "alterTable":
      alterTable(frame, connection, statement);
      return;
    case "drop":
      drop(session, connection, statement);
      return;
    case "createIndex":
      createIndex(session, connection, statement);
      return;
    case "dropIndex":
      dropIndex(session, connection, statement);
      return;
    case "view":
    case "procedure":
      defineModule(session, connection, statement);
      return;
    case "createSchema":
      createSchema(session, connection, statement.name);
      return;
  }
}

/** @throws SqlError 1088, 1505, 1911, 1913 */
function createIndex(
  session: SessionState,
  connection: Connection,
  statement: Extract<InnerDefinition, { kind: "createIndex" }>,
): void {
  const view = currentView(session);
  const found = findObject(view, statement.table);
  if (found?.kind !== "table") {
    const message = `Cannot find the object "${writtenName(statement.table)}" because it does not exist or you do not have permissions.`;
    throw sqlError(message, { number: 1088, state: 12 });
  }
  const wanted = statement.index.name.toLowerCase();
  const replaced = statement.dropExisting
    ? found.indexes.find(({ name }) => name.toLowerCase() === wanted)
    : undefined;
  if (replaced !== undefined) dropSqliteIndex(connection, found, replaced);
  const table = { ...found, indexes: found.indexes.filter((index) => index !== replaced) };
  const index = toIndex(table, statement.index);
  createSqliteIndex(connection, view, table, index);
  saveTable(session, connection, { ...table, indexes: [...table.indexes, index] });
}

function createSchema(session: SessionState, connection: Connection, name: string): void {
  const { catalog } = currentView(session);
  const taken = [
    "dbo",
    "sys",
    "guest",
    "information_schema",
    ...catalog.schemas.map((schema) => schema.name.toLowerCase()),
  ];
  if (taken.includes(name.toLowerCase())) throw alreadyExists(name);
  const now = session.server.now().toISOString();
  saveObject(connection, {
    kind: "schema",
    id: newObjectId(),
    schema: "",
    name,
    created: now,
    modified: now,
  });
}
