import { conflict } from "../errors.ts";
import {
  displayName,
  findById,
  tablesOf,
  type Catalog,
  type ForeignKey,
  type TableObject,
} from "../catalog/model.ts";
import type { Connection, Row } from "../storage/connection.ts";
import type { Storage } from "../syntax/expression.ts";
import { storageName } from "../translate/from.ts";
import { quoteName } from "../translate/translation.ts";
import { positionOf } from "./table-writer.ts";

export interface ForeignKeyContext {
  readonly catalog: Catalog;
  readonly connection: Connection;
  readonly database: string;
}

export interface Reference {
  readonly child: TableObject;
  readonly key: ForeignKey;
}

/** Every written row that refers to something finds it. @throws SqlError 547 */
export function requireParents(
  context: ForeignKeyContext,
  table: TableObject,
  rowids: readonly number[],
  statement: string,
): void {
  if (rowids.length === 0) return;
  for (const key of table.foreignKeys) {
    const parent = findById(context.catalog, key.references);
    if (parent?.kind !== "table") continue;
    const orphans = context.connection.all(orphanSql(table, key, parent), [JSON.stringify(rowids)]);
    if (orphans.length === 0) continue;
    throw conflict({
      statement,
      kind: parent.id === table.id ? "FOREIGN KEY SAME TABLE" : "FOREIGN KEY",
      constraint: key.name,
      database: context.database,
      table: displayName(parent),
      column: single(key.referencedColumns),
    });
  }
}

function orphanSql(table: TableObject, key: ForeignKey, parent: TableObject): string {
  const filled = key.columns.map((name) => `c.${quoteName(name)} IS NOT NULL`).join(" AND ");
  const same = key.columns
    .map((name, index) => `p.${quoteName(key.referencedColumns[index] ?? "")} = c.${quoteName(name)}`)
    .join(" AND ");
  return `SELECT 1 FROM ${storageName(table)} AS c WHERE c.rowid IN (SELECT value FROM json_each(?1)) AND ${filled}
    AND NOT EXISTS (SELECT 1 FROM ${storageName(parent)} AS p WHERE ${same}) LIMIT 1`;
}

/** The foreign keys that point at a table. */
export function referencesTo(catalog: Catalog, table: TableObject): readonly Reference[] {
  return tablesOf(catalog).flatMap((child) =>
    child.foreignKeys.filter((key) => key.references === table.id).map((key) => ({ child, key })),
  );
}

/** The rowids of child rows that refer to a key that is gone. */
export function childrenOf(
  context: ForeignKeyContext,
  parent: TableObject,
  { child, key }: Reference,
  old: Row,
): readonly number[] {
  const values = key.referencedColumns.map((name): Storage => old[positionOf(parent, name)] ?? null);
  if (values.includes(null)) return [];
  const match = (names: readonly string[]): string =>
    names.map((name, index) => `${quoteName(name)} = ?${index + 1}`).join(" AND ");
  const sql = `SELECT rowid FROM ${storageName(child)} WHERE ${match(key.columns)}
    AND NOT EXISTS (SELECT 1 FROM ${storageName(parent)} WHERE ${match(key.referencedColumns)})`;
  return context.connection.all(sql, values).map((row) => Number(row[0]));
}

export function referenceConflict(
  context: ForeignKeyContext,
  parent: TableObject,
  { child, key }: Reference,
  statement: string,
): Error {
  return conflict({
    statement,
    kind: child.id === parent.id ? "SAME TABLE REFERENCE" : "REFERENCE",
    constraint: key.name,
    database: context.database,
    table: displayName(child),
    column: single(key.columns),
  });
}

function single(columns: readonly string[]): string {
  return columns.length === 1 ? (columns[0] ?? "") : "";
}
