import { displayName, findColumn, type TableIndex, type TableObject } from "../catalog/model.ts";
import { newObjectId } from "../catalog/store.ts";
import { sqlError } from "../errors.ts";
import { parseConditionText } from "../parser/parse-batch.ts";
import type { Connection, Row } from "../storage/connection.ts";
import type { ConstraintSyntax, IndexSyntax } from "../syntax/statement.ts";
import { createTranslation } from "../translate/plan.ts";
import { storageName, tableColumns } from "../translate/from.ts";
import { EMPTY_SCOPE, quoteName } from "../translate/translation.ts";
import type { CatalogView } from "../catalog/lookup.ts";
import { isTemporary } from "../catalog/lookup.ts";
import { madeUpName } from "./names.ts";
import { textOf } from "../types/convert-text.ts";

type KeySyntax = Extract<ConstraintSyntax, { kind: "primaryKey" | "unique" }>;

/** A primary key is clustered unless said otherwise or taken. @throws SqlError 1779, 1902, 1911 */
export function keyIndex(table: TableObject, key: KeySyntax): TableIndex {
  const primary = key.kind === "primaryKey";
  if (primary && table.indexes.some((index) => index.constraint?.kind === "primaryKey")) {
    throw sqlError(`Table '${table.name}' already has a primary key defined on it.`, {
      number: 1779,
      state: 0,
    });
  }
  const name = key.name === "" ? madeUpName(primary ? "PK" : "UQ", table.name) : key.name;
  const clustered = key.clustered ?? (primary && !table.indexes.some((index) => index.clustered));
  const syntax = { name, unique: true, clustered, columns: key.columns, include: [], filter: "" };
  return { ...toIndex(table, syntax), constraint: { id: newObjectId(), kind: key.kind } };
}

/** @throws SqlError 1902, 1911, 1913 */
export function toIndex(table: TableObject, syntax: IndexSyntax): TableIndex {
  const { name } = syntax;
  for (const column of [...syntax.columns.map((key) => key.name), ...syntax.include]) {
    if (findColumn(table, column) !== undefined) continue;
    const message = `Column name '${column}' does not exist in the target table or view.`;
    throw sqlError(message, { number: 1911 });
  }
  if (table.indexes.some((index) => index.name.toLowerCase() === name.toLowerCase())) {
    const message = `The operation failed because an index or statistics with name '${name}' already exists on table '${displayName(table)}'.`;
    throw sqlError(message, { number: 1913 });
  }
  const clustered = table.indexes.find((index) => index.clustered);
  if (syntax.clustered && clustered !== undefined) {
    const message = `Cannot create more than one clustered index on table '${displayName(table)}'. Drop the existing clustered index '${clustered.name}' before creating another.`;
    throw sqlError(message, { number: 1902, state: 3 });
  }
  const highest = Math.max(1, ...table.indexes.map((index) => index.id));
  return { ...syntax, id: syntax.clustered ? 1 : highest + 1 };
}

/** @throws SqlError 1505 when rows there already are not unique. */
export function createSqliteIndex(
  connection: Connection,
  view: CatalogView,
  table: TableObject,
  index: TableIndex,
): void {
  const temporary = isTemporary(table.name);
  const columns = index.columns.map(({ name, descending }) => quoteName(name) + (descending ? " DESC" : ""));
  const owner = storageName(table).replace(/^temp\./, "");
  const sql = `CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${temporary ? "temp." : ""}${sqliteIndexName(table, index)}
    ON ${owner} (${columns.join(", ")})${filterSql(view, table, index)}`;
  try {
    connection.exec(sql);
  } catch (error) {
    if (error instanceof Error && error.message.includes("UNIQUE constraint failed")) {
      throw duplicates(connection, table, index);
    }
    throw error;
  }
}

export function dropSqliteIndex(connection: Connection, table: TableObject, index: TableIndex): void {
  connection.exec(
    `DROP INDEX IF EXISTS ${isTemporary(table.name) ? "temp." : ""}${sqliteIndexName(table, index)}`,
  );
}

/** SQLite's index names are unique in a database, T-SQL's only in a table. */
function sqliteIndexName(table: TableObject, index: TableIndex): string {
  return quoteName(`${table.id}.${index.name.toLowerCase()}`);
}

function filterSql(view: CatalogView, table: TableObject, index: TableIndex): string {
  if (index.filter === "") return "";
  const translation = createTranslation(view, () => undefined);
  const columns = tableColumns(table).map((column) => ({ ...column, sql: quoteName(column.name) }));
  const scope = { ...EMPTY_SCOPE, sources: [{ name: table.name.toLowerCase(), columns }] };
  return ` WHERE ${translation.expression(parseConditionText(index.filter), scope).sql}`;
}

function duplicates(connection: Connection, table: TableObject, index: TableIndex): Error {
  const columns = index.columns.map(({ name }) => quoteName(name)).join(", ");
  const sql = `SELECT ${columns} FROM ${storageName(table)} GROUP BY ${columns} HAVING count(*) > 1 LIMIT 1`;
  const row: Row = connection.all(sql, [])[0] ?? [];
  const shown = row.map((value, at) =>
    textOf(value, findColumn(table, index.columns[at]?.name ?? "")?.type ?? { name: "int" }),
  );
  const message = `The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '${displayName(table)}' and the index name '${index.name}'. The duplicate key value is (${shown.join(", ")}).`;
  return sqlError(message, { number: 1505 });
}
