import { writtenName } from "../catalog/lookup.ts";
import { constraintsOfTable } from "../catalog/constraints.ts";
import { findColumn, type TableObject } from "../catalog/model.ts";
import { cannotFindTable, sqlError } from "../errors.ts";
import type { Connection } from "../storage/connection.ts";
import type { AlterTableAction, DefinitionStatement } from "../syntax/statement.ts";
import { storageName } from "../translate/from.ts";
import { quoteName } from "../translate/translation.ts";
import { findObject } from "../catalog/lookup.ts";
import { currentView } from "../run/connections.ts";
import type { Frame } from "../run/session-state.ts";
import { addToTable } from "./add-to-table.ts";
import { alterColumn } from "./alter-column.ts";
import { saveTable } from "./create-table.ts";
import { dropSqliteIndex } from "./indexes.ts";

type AlterTable = Extract<DefinitionStatement, { kind: "alterTable" }>;

/** @throws SqlError 4902 and those of the action */
export function alterTable(frame: Frame, connection: Connection, statement: AlterTable): void {
  const { session } = frame;
  const table = findObject(currentView(session), statement.name);
  if (table?.kind !== "table") throw cannotFindTable(writtenName(statement.name));
  const { action } = statement;
  const changed = applyAction(frame, connection, table, action);
  saveTable(session, connection, { ...changed, modified: session.server.now().toISOString() });
}

function applyAction(
  frame: Frame,
  connection: Connection,
  table: TableObject,
  action: AlterTableAction,
): TableObject {
  switch (action.kind) {
    case "add":
      return addToTable(frame, connection, table, action);
    case "alterColumn":
      return alterColumn(frame, connection, table, action.column);
    case "drop":
      return dropColumns(connection, dropConstraints(connection, table, action), action);
    case "toggle":
      return table;
  }
}

type Drop = Extract<AlterTableAction, { kind: "drop" }>;

/** @throws SqlError 3728 */
function dropConstraints(
  connection: Connection,
  table: TableObject,
  { constraints, ifExists }: Drop,
): TableObject {
  let current = table;
  for (const name of constraints) {
    const found = constraintsOfTable(current).find(
      (constraint) => constraint.name.toLowerCase() === name.toLowerCase(),
    );
    if (found !== undefined) current = without(connection, current, found.id);
    else if (!ifExists) throw sqlError(`'${name}' is not a constraint.`, { number: 3728 });
  }
  return current;
}

function without(connection: Connection, table: TableObject, id: number): TableObject {
  const index = table.indexes.find((candidate) => candidate.constraint?.id === id);
  if (index !== undefined) dropSqliteIndex(connection, table, index);
  return {
    ...table,
    indexes: table.indexes.filter((candidate) => candidate !== index),
    checks: table.checks.filter((check) => check.id !== id),
    foreignKeys: table.foreignKeys.filter((key) => key.id !== id),
    columns: table.columns.map((column) => {
      if (column.default?.id !== id) return column;
      const { default: _dropped, ...rest } = column;
      return rest;
    }),
  };
}

/** @throws SqlError 4924 (no such column), 4922 (something depends on it) */
function dropColumns(connection: Connection, table: TableObject, { columns, ifExists }: Drop): TableObject {
  let current = table;
  for (const name of columns) {
    const column = findColumn(current, name);
    if (column === undefined) {
      if (ifExists) continue;
      const message = `ALTER TABLE DROP COLUMN failed because column '${name}' does not exist in table '${table.name}'.`;
      throw sqlError(message, { number: 4924 });
    }
    requireIndependent(current, column.name);
    connection.exec(`ALTER TABLE ${storageName(current)} DROP COLUMN ${quoteName(column.name)}`);
    current = { ...current, columns: current.columns.filter((candidate) => candidate !== column) };
  }
  return current;
}

function requireIndependent(table: TableObject, column: string): void {
  const wanted = column.toLowerCase();
  const is = (name: string): boolean => name.toLowerCase() === wanted;
  const index = table.indexes.find((one) => one.columns.some(({ name }) => is(name)) || one.include.some(is));
  const check = table.checks.find((one) => new RegExp(`\\b${column}\\b`, "i").test(one.text));
  const key = table.foreignKeys.find((one) => one.columns.some(is));
  const dependent = index?.name ?? check?.name ?? key?.name ?? findColumn(table, column)?.default?.name;
  if (dependent === undefined) return;
  const message = `ALTER TABLE DROP COLUMN ${column} failed because one or more objects access this column. The object '${dependent}' is dependent on column '${column}'.`;
  throw sqlError(message, { number: 4922, state: 9 });
}
