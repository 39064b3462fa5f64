import { findObject, writtenName, type CatalogView } from "../catalog/lookup.ts";
import { findColumn, type ForeignKey, type TableObject } from "../catalog/model.ts";
import { newObjectId } from "../catalog/store.ts";
import { sqlError } from "../errors.ts";
import type { ConstraintSyntax } from "../syntax/statement.ts";
import { madeUpName } from "./names.ts";

type ForeignKeySyntax = Extract<ConstraintSyntax, { kind: "foreignKey" }>;

/** @throws SqlError 1767 (no such table), 1769, 1770 (no such column), 1776 (no key there) */
export function toForeignKey(view: CatalogView, table: TableObject, syntax: ForeignKeySyntax): ForeignKey {
  const name = syntax.name === "" ? madeUpName("FK", table.name, syntax.columns[0]) : syntax.name;
  const parent = findParent(view, table, syntax, name);
  const missing = syntax.columns.find((column) => findColumn(table, column) === undefined);
  if (missing !== undefined) {
    const message = `Foreign key '${name}' references invalid column '${missing}' in referencing table '${table.name}'.`;
    throw sqlError(message, { number: 1769 });
  }
  const referencedColumns =
    syntax.referencedColumns.length > 0 ? syntax.referencedColumns : primaryKeyOf(parent);
  const unknown = referencedColumns.find((column) => findColumn(parent, column) === undefined);
  if (unknown !== undefined) {
    const message = `Foreign key '${name}' references invalid column '${unknown}' in referenced table '${parent.name}'.`;
    throw sqlError(message, { number: 1770 });
  }
  requireKey(parent, referencedColumns, name);
  const { columns, onDelete, onUpdate } = syntax;
  return { id: newObjectId(), name, columns, references: parent.id, referencedColumns, onDelete, onUpdate };
}

function findParent(
  view: CatalogView,
  table: TableObject,
  syntax: ForeignKeySyntax,
  name: string,
): TableObject {
  const { references } = syntax;
  const own = references.name.toLowerCase() === table.name.toLowerCase();
  if (own && (references.schema === "" || references.schema.toLowerCase() === table.schema.toLowerCase()))
    return table;
  const found = findObject(view, references);
  if (found?.kind === "table") return found;
  const message = `Foreign key '${name}' references invalid table '${writtenName(references)}'.`;
  throw sqlError(message, { number: 1767, state: 0 });
}

function primaryKeyOf(parent: TableObject): readonly string[] {
  const key = parent.indexes.find((index) => index.constraint?.kind === "primaryKey");
  return key?.columns.map((column) => column.name) ?? [];
}

function requireKey(parent: TableObject, columns: readonly string[], name: string): void {
  const wanted = columns
    .map((column) => column.toLowerCase())
    .sort()
    .join();
  const fits = parent.indexes.some(
    (index) =>
      index.unique &&
      index.columns
        .map((column) => column.name.toLowerCase())
        .sort()
        .join() === wanted,
  );
  if (fits && columns.length > 0) return;
  const message = `There are no primary or candidate keys in the referenced table '${parent.schema}.${parent.name}' that match the referencing column list in the foreign key '${name}'.`;
  throw sqlError(message, { number: 1776, state: 0 });
}
