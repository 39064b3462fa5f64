import { findObject, isTemporary, type CatalogView } from "../catalog/lookup.ts";
import { keyOf, type TableObject } from "../catalog/model.ts";
import { newObjectId, saveObject } from "../catalog/store.ts";
import { constraintsOf } from "../catalog/constraints.ts";
import { alreadyExists, noSuchSchema, sqlError } from "../errors.ts";
import type { Connection } from "../storage/connection.ts";
import type { DefinitionStatement } from "../syntax/statement.ts";
import { storageName } from "../translate/from.ts";
import { schemaId } from "../catalog/views/object-views.ts";
import { currentView } from "../run/connections.ts";
import type { SessionState } from "../run/session-state.ts";
import { columnSql, requireUniqueColumns, toTableColumn } from "./columns.ts";
import { toForeignKey } from "./foreign-key.ts";
import { createSqliteIndex, keyIndex, toIndex } from "./indexes.ts";
import { madeUpName } from "./names.ts";

type CreateTable = Extract<DefinitionStatement, { kind: "createTable" }>;

/** @throws SqlError 2714, 2705, 2760 (no such schema), 1767 … */
export function createTable(
  session: SessionState,
  connection: Connection,
  statement: CreateTable,
): TableObject {
  const view = currentView(session);
  const { name } = statement;
  const schema = requireSchema(view, name.schema);
  if (findObject(view, name) !== undefined) throw alreadyExists(name.name);
  requireUniqueColumns(name.name, statement.columns);
  const now = session.server.now().toISOString();
  const bare: TableObject = {
    kind: "table",
    id: newObjectId(),
    schema,
    name: name.name,
    created: now,
    modified: now,
    columns: statement.columns.map((column, index) =>
      toTableColumn(name.name, column, index + 1, statement.constraints),
    ),
    indexes: [],
    checks: [],
    foreignKeys: [],
  };
  const table = addConstraints(view, bare, statement);
  const columns = table.columns.map(columnSql).join(", ");
  connection.exec(`CREATE ${isTemporary(name.name) ? "TEMP " : ""}TABLE ${storageName(table)} (${columns})`);
  for (const index of table.indexes) createSqliteIndex(connection, view, table, index);
  saveTable(session, connection, table);
  return table;
}

function addConstraints(view: CatalogView, bare: TableObject, statement: CreateTable): TableObject {
  let table = bare;
  const ordered = [...statement.constraints].sort((left) => (left.kind === "primaryKey" ? -1 : 0));
  for (const constraint of ordered) table = addConstraint(view, table, constraint);
  for (const index of statement.indexes)
    table = { ...table, indexes: [...table.indexes, toIndex(table, index)] };
  return table;
}

/** The table with one more constraint; nothing is checked or stored yet. @throws SqlError 2714 */
export function addConstraint(
  view: CatalogView,
  table: TableObject,
  constraint: CreateTable["constraints"][number],
): TableObject {
  if (constraint.name !== "") requireFreeName(view, constraint.name);
  switch (constraint.kind) {
    case "primaryKey":
    case "unique":
      return { ...table, indexes: [...table.indexes, keyIndex(table, constraint)] };
    case "check": {
      const name = constraint.name === "" ? madeUpName("CK", table.name) : constraint.name;
      return { ...table, checks: [...table.checks, { id: newObjectId(), name, text: constraint.text }] };
    }
    case "foreignKey":
      return { ...table, foreignKeys: [...table.foreignKeys, toForeignKey(view, table, constraint)] };
    case "default":
      return addDefault(table, constraint);
  }
}

/** @throws SqlError 1752, 1781 */
function addDefault(
  table: TableObject,
  constraint: Extract<CreateTable["constraints"][number], { kind: "default" }>,
): TableObject {
  const wanted = constraint.column.toLowerCase();
  const column = table.columns.find((candidate) => candidate.name.toLowerCase() === wanted);
  if (column === undefined) {
    const message = `Column '${constraint.column}' in table '${table.name}' is invalid for creating a default constraint.`;
    throw sqlError(message, { number: 1752, state: 0 });
  }
  if (column.default !== undefined) {
    throw sqlError("Column already has a DEFAULT bound to it.", { number: 1781 });
  }
  const name = constraint.name === "" ? madeUpName("DF", table.name, column.name) : constraint.name;
  const changed = { ...column, default: { id: newObjectId(), name, text: constraint.text } };
  return {
    ...table,
    columns: table.columns.map((candidate) => (candidate === column ? changed : candidate)),
  };
}

/** @throws SqlError 2714 */
export function requireFreeName(view: CatalogView, name: string): void {
  const taken = constraintsOf(view.catalog).some(
    (constraint) => constraint.name.toLowerCase() === name.toLowerCase(),
  );
  if (taken || view.catalog.objects.has(keyOf("dbo", name))) throw alreadyExists(name);
}

/** The schema as it is written in the catalogue. @throws SqlError 2760 */
export function requireSchema(view: CatalogView, schema: string): string {
  if (schema === "" || schema.toLowerCase() === "dbo") return "dbo";
  const known = view.catalog.schemas.find(
    (candidate) => candidate.name.toLowerCase() === schema.toLowerCase(),
  );
  if (known !== undefined) return known.name;
  if (schemaId(view.catalog, schema) > 0) return schema;
  throw noSuchSchema(schema);
}

/** A temporary table is known to its session only. */
export function saveTable(session: SessionState, connection: Connection, table: TableObject): void {
  if (isTemporary(table.name))
    session.temporary = new Map(session.temporary).set(table.name.toLowerCase(), table);
  else saveObject(connection, table);
}
