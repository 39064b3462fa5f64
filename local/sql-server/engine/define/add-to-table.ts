import { findColumn, type TableColumn, type TableObject } from "../catalog/model.ts";
import { sqlError } from "../errors.ts";
import type { Connection } from "../storage/connection.ts";
import type { AlterTableAction } from "../syntax/statement.ts";
import { storageName } from "../translate/from.ts";
import { quoteName } from "../translate/translation.ts";
import { currentView } from "../run/connections.ts";
import type { Frame } from "../run/session-state.ts";
import { requireChecks } from "../write/check.ts";
import { defaultOf } from "../write/defaults.ts";
import { fit } from "../write/fit.ts";
import { requireParents } from "../write/foreign-keys.ts";
import { nextIdentity } from "../write/identity.ts";
import { targetOf } from "../write/target.ts";
import { columnSql, requireUniqueColumns, toTableColumn } from "./columns.ts";
import { addConstraint } from "./create-table.ts";
import { createSqliteIndex } from "./indexes.ts";

type Add = Extract<AlterTableAction, { kind: "add" }>;

/** ALTER TABLE … ADD columns and constraints; the rows there get their defaults and are checked. */
export function addToTable(
  frame: Frame,
  connection: Connection,
  table: TableObject,
  action: Add,
): TableObject {
  const widened = addColumns(frame, connection, table, action);
  const view = currentView(frame.session);
  let current = widened;
  for (const constraint of action.constraints) current = addConstraint(view, current, constraint);
  for (const index of current.indexes.slice(widened.indexes.length)) {
    if (index.constraint?.kind === "primaryKey")
      requireNotNull(
        current,
        index.columns.map(({ name }) => name),
      );
    createSqliteIndex(connection, view, current, index);
  }
  if (action.check) checkRows(frame, connection, current, widened);
  return current;
}

function addColumns(frame: Frame, connection: Connection, table: TableObject, action: Add): TableObject {
  const highest = Math.max(0, ...table.columns.map((column) => column.id));
  const added = action.columns.map((column, index) =>
    toTableColumn(table.name, column, highest + index + 1, action.constraints),
  );
  const widened = { ...table, columns: [...table.columns, ...added] };
  requireUniqueColumns(table.name, widened.columns);
  for (const column of added) {
    requireFillable(connection, table, column);
    connection.exec(`ALTER TABLE ${storageName(table)} ADD COLUMN ${columnSql(column)}`);
    fillColumn(frame, connection, widened, { column, withValues: action.withValues });
  }
  return widened;
}

/** @throws SqlError 4901 */
function requireFillable(connection: Connection, table: TableObject, column: TableColumn): void {
  if (column.nullable || column.default !== undefined || column.identity !== undefined) return;
  if (connection.all(`SELECT 1 FROM ${storageName(table)} LIMIT 1`, []).length === 0) return;
  const message = `ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column '${column.name}' cannot be added to non-empty table '${table.name}' because it does not satisfy these conditions.`;
  throw sqlError(message, { number: 4901 });
}

interface Filling {
  readonly column: TableColumn;
  readonly withValues: boolean;
}

function fillColumn(
  frame: Frame,
  connection: Connection,
  table: TableObject,
  { column, withValues }: Filling,
): void {
  const counts = column.identity !== undefined;
  const defaulted = column.default !== undefined && (!column.nullable || withValues);
  if (!counts && !defaulted) return;
  const name = storageName(table);
  const sql = `UPDATE ${name} SET ${quoteName(column.name)} = ?1 WHERE rowid = ?2`;
  for (const [rowid] of connection.all(`SELECT rowid FROM ${name} ORDER BY rowid`, [])) {
    const { value, type } = counts
      ? { value: nextIdentity(connection, frame.session.database, table), type: column.type }
      : defaultOf(frame, column);
    connection.run(sql, [fit(value, type, column, targetOf(frame, table, "UPDATE")), rowid ?? null]);
  }
}

/** @throws SqlError 8111 */
function requireNotNull(table: TableObject, columns: readonly string[]): void {
  if (columns.every((name) => findColumn(table, name)?.nullable === false)) return;
  const message = `Cannot define PRIMARY KEY constraint on nullable column in table '${table.name}'.`;
  throw sqlError(message, { number: 8111 });
}

/** @throws SqlError 547, in the words of ALTER TABLE */
function checkRows(frame: Frame, connection: Connection, table: TableObject, before: TableObject): void {
  const checks = table.checks.slice(before.checks.length);
  const foreignKeys = table.foreignKeys.slice(before.foreignKeys.length);
  if (checks.length === 0 && foreignKeys.length === 0) return;
  const rowids = connection.all(`SELECT rowid FROM ${storageName(table)}`, []).map((row) => Number(row[0]));
  const { catalog } = currentView(frame.session);
  requireChecks(frame, { ...table, checks }, rowids, "ALTER TABLE");
  const context = { catalog, connection, database: frame.session.database.name };
  requireParents(context, { ...table, foreignKeys }, rowids, "ALTER TABLE");
}
