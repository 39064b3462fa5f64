import { duplicateIndexKey, duplicateKey } from "../errors.ts";
import { displayName, type TableColumn, type TableIndex, type TableObject } from "../catalog/model.ts";
import type { Connection, Row } from "../storage/connection.ts";
import type { Storage } from "../syntax/expression.ts";
import { storageName } from "../translate/from.ts";
import { quoteName } from "../translate/translation.ts";
import { textOf } from "../types/convert-text.ts";

/** Rows of one table, written one by one so that every error knows its row. */
export interface TableWriter {
  /** @param values of all columns in order. @returns the rowid. @throws SqlError 2601, 2627 */
  insert(values: Row, rowid?: number): number;
  update(rowid: number, values: Row): void;
  remove(rowid: number): void;
}

export function createTableWriter(connection: Connection, table: TableObject): TableWriter {
  const name = storageName(table);
  const columns = table.columns.map((column) => quoteName(column.name));
  const marks = columns.map((_column, index) => `?${index + 1}`);
  const rowidMark = `?${columns.length + 1}`;
  const insertSql = `INSERT INTO ${name} (${columns.join(", ")}) VALUES (${marks.join(", ")})`;
  const restoreSql = `INSERT INTO ${name} (${[...columns, "rowid"].join(", ")}) VALUES (${[...marks, rowidMark].join(", ")})`;
  const assignments = columns.map((column, index) => `${column} = ?${index + 1}`).join(", ");
  const updateSql = `UPDATE ${name} SET ${assignments} WHERE rowid = ${rowidMark}`;

  function guarded<T>(values: Row, rowid: number, run: () => T): T {
    requireDistinctNulls(connection, table, values, rowid);
    try {
      return run();
    } catch (error) {
      throw toDuplicate(error, table, values);
    }
  }

  return {
    insert: (values, rowid) =>
      guarded(values, -1, () =>
        Number(
          connection.run(
            rowid === undefined ? insertSql : restoreSql,
            rowid === undefined ? values : [...values, rowid],
          ).rowid,
        ),
      ),
    update: (rowid, values) => guarded(values, rowid, () => connection.run(updateSql, [...values, rowid])),
    remove: (rowid) => connection.run(`DELETE FROM ${name} WHERE rowid = ?1`, [rowid]),
  };
}

/** SQLite lets NULLs repeat in a unique index; SQL Server takes NULL for a value. */
function requireDistinctNulls(connection: Connection, table: TableObject, values: Row, rowid: number): void {
  for (const index of table.indexes) {
    if (!index.unique || index.filter !== "") continue;
    const key = keyOf(table, index, values);
    if (!key.includes(null)) continue;
    const conditions = index.columns.map(({ name }, at) => `${quoteName(name)} IS ?${at + 1}`);
    const sql = `SELECT 1 FROM ${storageName(table)} WHERE ${conditions.join(" AND ")} AND rowid <> ?${key.length + 1} LIMIT 1`;
    if (connection.all(sql, [...key, rowid]).length > 0) throw violation(table, index, values);
  }
}

function toDuplicate(error: unknown, table: TableObject, values: Row): unknown {
  const text = error instanceof Error ? error.message : "";
  const found = /UNIQUE constraint failed: (.*)$/.exec(text)?.[1];
  if (found === undefined) return error;
  const columns = found.split(", ").map((column) => column.slice(column.lastIndexOf(".") + 1).toLowerCase());
  const index =
    table.indexes.find((candidate) => candidate.unique && sameColumns(candidate, columns)) ??
    table.indexes.find((candidate) => candidate.unique);
  return index === undefined ? error : violation(table, index, values);
}

function sameColumns(index: TableIndex, columns: readonly string[]): boolean {
  return index.columns.map(({ name }) => name.toLowerCase()).join() === columns.join();
}

function keyOf(table: TableObject, index: TableIndex, values: Row): readonly Storage[] {
  return index.columns.map(({ name }) => values[positionOf(table, name)] ?? null);
}

export function positionOf(table: TableObject, column: string): number {
  const wanted = column.toLowerCase();
  return table.columns.findIndex(({ name }) => name.toLowerCase() === wanted);
}

function violation(table: TableObject, index: TableIndex, values: Row): Error {
  const key = index.columns.map(({ name }) =>
    showKey(table.columns[positionOf(table, name)], values[positionOf(table, name)]),
  );
  const shown = key.join(", ");
  if (index.constraint === undefined) return duplicateIndexKey(index.name, displayName(table), shown);
  const kind = index.constraint.kind === "primaryKey" ? "PRIMARY KEY" : "UNIQUE KEY";
  return duplicateKey(kind, index.name, displayName(table), shown);
}

function showKey(column: TableColumn | undefined, value: Storage | undefined): string {
  if (value === null || value === undefined || column === undefined) return "<NULL>";
  return column.type.name === "uniqueidentifier" ? String(value).toLowerCase() : textOf(value, column.type);
}
