import { findObject, isTemporary, writtenName } from "../catalog/lookup.ts";
import type { CatalogObject, TableObject } from "../catalog/model.ts";
import { removeObject } from "../catalog/store.ts";
import { cannotDrop, cannotDropSchema, sqlError } from "../errors.ts";
import type { Connection } from "../storage/connection.ts";
import type { ObjectName } from "../syntax/expression.ts";
import type { DefinitionStatement, DropKind } from "../syntax/statement.ts";
import { storageName } from "../translate/from.ts";
import { currentView } from "../run/connections.ts";
import type { SessionState } from "../run/session-state.ts";
import { referencesTo } from "../write/foreign-keys.ts";
import { resetIdentity } from "../write/identity.ts";
import { saveTable } from "./create-table.ts";
import { dropSqliteIndex } from "./indexes.ts";

type Drop = Extract<DefinitionStatement, { kind: "drop" }>;
type DropIndex = Extract<DefinitionStatement, { kind: "dropIndex" }>;

const KINDS: Partial<Record<DropKind, CatalogObject["kind"]>> = {
  TABLE: "table",
  VIEW: "view",
  PROCEDURE: "procedure",
};

/** @throws SqlError 3701, 3705, 3726 */
export function drop(session: SessionState, connection: Connection, statement: Drop): void {
  for (const name of statement.names) {
    if (statement.what === "SCHEMA") dropSchema(session, connection, name, statement.ifExists);
    else dropObject(session, connection, name, statement);
  }
}

function dropObject(
  session: SessionState,
  connection: Connection,
  name: ObjectName,
  { what, ifExists }: Drop,
): void {
  const found = findObject(currentView(session), name);
  const noun = what.toLowerCase();
  if (found === undefined) {
    if (ifExists) return;
    throw cannotDrop(noun, writtenName(name));
  }
  if (found.kind !== KINDS[what]) {
    const message = `Cannot use DROP ${what} with '${writtenName(name)}' because '${writtenName(name)}' is a ${found.kind}. Use DROP ${found.kind.toUpperCase()}.`;
    throw sqlError(message, { number: 3705 });
  }
  if (found.kind === "table") dropTable(session, connection, found, name);
  else removeObject(connection, found.id);
}

function dropTable(
  session: SessionState,
  connection: Connection,
  table: TableObject,
  name: ObjectName,
): void {
  const references = referencesTo(currentView(session).catalog, table);
  if (references.some(({ child }) => child.id !== table.id)) {
    const message = `Could not drop object '${writtenName(name)}' because it is referenced by a FOREIGN KEY constraint.`;
    throw sqlError(message, { number: 3726 });
  }
  connection.exec(`DROP TABLE ${storageName(table)}`);
  if (isTemporary(table.name)) {
    const temporary = new Map(session.temporary);
    temporary.delete(table.name.toLowerCase());
    session.temporary = temporary;
    return;
  }
  resetIdentity(connection, session.database, table.id);
  removeObject(connection, table.id);
}

function dropSchema(
  session: SessionState,
  connection: Connection,
  name: ObjectName,
  ifExists: boolean,
): void {
  const { catalog } = currentView(session);
  const found = catalog.schemas.find((schema) => schema.name.toLowerCase() === name.name.toLowerCase());
  if (found === undefined) {
    if (ifExists) return;
    throw cannotDropSchema(name.name);
  }
  const inside = [...catalog.objects.values()].find((object) => object.schema === found.name);
  if (inside !== undefined) {
    const message = `Cannot drop schema '${found.name}' because it is being referenced by object '${inside.name}'.`;
    throw sqlError(message, { number: 3729 });
  }
  removeObject(connection, found.id);
}

/** @throws SqlError 3701, 3723 (it belongs to a constraint) */
export function dropIndex(session: SessionState, connection: Connection, statement: DropIndex): void {
  const table = findObject(currentView(session), statement.table);
  const wanted = statement.name.toLowerCase();
  const index =
    table?.kind === "table" ? table.indexes.find(({ name }) => name.toLowerCase() === wanted) : undefined;
  const shown = `${writtenName(statement.table)}.${statement.name}`;
  if (table?.kind !== "table" || index === undefined) {
    if (statement.ifExists) return;
    throw cannotDrop("index", shown);
  }
  if (index.constraint !== undefined) {
    const kind = index.constraint.kind === "primaryKey" ? "PRIMARY KEY" : "UNIQUE KEY";
    const message = `An explicit DROP INDEX is not allowed on index '${shown}'. It is being used for ${kind} constraint enforcement.`;
    throw sqlError(message, { number: 3723, state: 4 });
  }
  dropSqliteIndex(connection, table, index);
  saveTable(session, connection, {
    ...table,
    indexes: table.indexes.filter((candidate) => candidate !== index),
  });
}
