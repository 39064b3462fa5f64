import type { TableObject } from "../catalog/model.ts";
import type { Row } from "../storage/connection.ts";
import type { Storage } from "../syntax/expression.ts";
import { storageName } from "../translate/from.ts";
import { quoteName } from "../translate/translation.ts";
import { unsupported } from "../parser/cursor.ts";
import {
  childrenOf,
  referenceConflict,
  referencesTo,
  type ForeignKeyContext,
  type Reference,
} from "./foreign-keys.ts";
import { createTableWriter, positionOf } from "./table-writer.ts";

/** A row that was changed or deleted, as it was before; `now` is undefined when it is gone. */
export interface ChangedRow {
  readonly before: Row;
  readonly now: Row | undefined;
}

/** Looks after the rows that referred to the changed ones: refuse, delete them too, or follow. @throws SqlError 547 */
export function followReferences(
  context: ForeignKeyContext,
  parent: TableObject,
  changes: readonly ChangedRow[],
): void {
  for (const reference of referencesTo(context.catalog, parent)) {
    for (const change of changes) {
      const children = childrenOf(context, parent, reference, change.before);
      if (children.length > 0) follow(context, parent, { reference, change, children });
    }
  }
}

interface Affected {
  readonly reference: Reference;
  readonly change: ChangedRow;
  readonly children: readonly number[];
}

function follow(
  context: ForeignKeyContext,
  parent: TableObject,
  { reference, change, children }: Affected,
): void {
  const { key } = reference;
  const deleted = change.now === undefined;
  const action = deleted ? key.onDelete : key.onUpdate;
  const { now } = change;
  switch (action) {
    case "NO ACTION":
      throw referenceConflict(context, parent, reference, deleted ? "DELETE" : "UPDATE");
    case "CASCADE":
      if (now === undefined) deleteRows(context, reference.child, children);
      else rewrite(context, reference, children, (column) => now[positionOf(parent, column)] ?? null);
      return;
    case "SET NULL":
      rewrite(context, reference, children, () => null);
      return;
    case "SET DEFAULT":
      throw unsupported("ON DELETE and ON UPDATE SET DEFAULT");
  }
}

/** Deletes rows and what hangs on them. */
function deleteRows(context: ForeignKeyContext, table: TableObject, rowids: readonly number[]): void {
  const before = readRows(context, table, rowids);
  const writer = createTableWriter(context.connection, table);
  for (const rowid of rowids) writer.remove(rowid);
  followReferences(
    context,
    table,
    before.map((row) => ({ before: row, now: undefined })),
  );
}

function rewrite(
  context: ForeignKeyContext,
  { child, key }: Reference,
  rowids: readonly number[],
  valueOf: (referencedColumn: string) => Storage,
): void {
  const assignments = key.columns.map((name, index) => `${quoteName(name)} = ?${index + 1}`).join(", ");
  const values = key.referencedColumns.map(valueOf);
  const sql = `UPDATE ${storageName(child)} SET ${assignments} WHERE rowid = ?${values.length + 1}`;
  const before = readRows(context, child, rowids);
  for (const rowid of rowids) context.connection.run(sql, [...values, rowid]);
  const now = readRows(context, child, rowids);
  followReferences(
    context,
    child,
    before.map((row, index) => ({ before: row, now: now[index] })),
  );
}

function readRows(
  { connection }: ForeignKeyContext,
  table: TableObject,
  rowids: readonly number[],
): readonly Row[] {
  const columns = table.columns.map((column) => quoteName(column.name)).join(", ");
  return rowids.flatMap((rowid) =>
    connection.all(`SELECT ${columns} FROM ${storageName(table)} WHERE rowid = ?1`, [rowid]),
  );
}
