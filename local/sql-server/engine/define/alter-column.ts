import { findColumn, type TableColumn, type TableObject } from "../catalog/model.ts";
import { sqlError } from "../errors.ts";
import type { Connection } from "../storage/connection.ts";
import type { ColumnSyntax } from "../syntax/statement.ts";
import { storageName } from "../translate/from.ts";
import { quoteName } from "../translate/translation.ts";
import { isString } from "../types/sql-type.ts";
import type { Frame } from "../run/session-state.ts";
import { fit } from "../write/fit.ts";
import { targetOf } from "../write/target.ts";
import { columnSql } from "./columns.ts";

/** ALTER COLUMN: every value is converted, or the whole statement fails. @throws SqlError 4924, 5074, 515, 2628, 245 … */
export function alterColumn(
  frame: Frame,
  connection: Connection,
  table: TableObject,
  syntax: ColumnSyntax,
): TableObject {
  const old = findColumn(table, syntax.name);
  if (old === undefined) {
    const message = `ALTER TABLE ALTER COLUMN failed because column '${syntax.name}' does not exist in table '${table.name}'.`;
    throw sqlError(message, { number: 4924 });
  }
  requireFree(table, old, syntax);
  const column = { ...old, type: syntax.type, typeName: syntax.typeName, nullable: syntax.nullable ?? true };
  const changed = {
    ...table,
    columns: table.columns.map((candidate) => (candidate === old ? column : candidate)),
  };
  const name = storageName(table);
  const rows = connection.all(`SELECT rowid, ${quoteName(old.name)} FROM ${name}`, []);
  const target = targetOf(frame, changed, "UPDATE");
  const values = rows.map(
    ([rowid = null, value = null]) => [fit(value, old.type, column, target), rowid] as const,
  );
  if (isString(old.type) !== isString(column.type)) replaceColumn(connection, name, column);
  for (const row of values)
    connection.run(`UPDATE ${name} SET ${quoteName(old.name)} = ?1 WHERE rowid = ?2`, row);
  return changed;
}

/** A key or index only lets a column grow. @throws SqlError 5074 */
function requireFree(table: TableObject, old: TableColumn, syntax: ColumnSyntax): void {
  const wanted = old.name.toLowerCase();
  const index = table.indexes.find((one) => one.columns.some(({ name }) => name.toLowerCase() === wanted));
  if (index === undefined || old.type.name === syntax.type.name) return;
  throw sqlError(`The object '${index.name}' is dependent on column '${old.name}'.`, { number: 5074 });
}

/** SQLite cannot change a column's collation. */
function replaceColumn(connection: Connection, table: string, column: TableColumn): void {
  connection.exec(`ALTER TABLE ${table} DROP COLUMN ${quoteName(column.name)}`);
  connection.exec(`ALTER TABLE ${table} ADD COLUMN ${columnSql(column)}`);
}
