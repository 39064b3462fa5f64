import type { TableColumn } from "../catalog/model.ts";
import { newObjectId } from "../catalog/store.ts";
import { sqlError } from "../errors.ts";
import type { ColumnSyntax, ConstraintSyntax } from "../syntax/statement.ts";
import { isString } from "../types/sql-type.ts";
import { quoteName } from "../translate/translation.ts";
import { madeUpName } from "./names.ts";

/** A column as the catalogue keeps it. Without NULL or NOT NULL it may be null, unless it is a key or counts. */
export function toTableColumn(
  table: string,
  syntax: ColumnSyntax,
  id: number,
  constraints: readonly ConstraintSyntax[],
): TableColumn {
  const { name, type, typeName, identity, default: given } = syntax;
  const primary = constraints.some(
    (constraint) =>
      constraint.kind === "primaryKey" &&
      constraint.columns.some((column) => column.name.toLowerCase() === name.toLowerCase()),
  );
  const defaulted =
    given === undefined
      ? undefined
      : {
          id: newObjectId(),
          name: given.name === "" ? madeUpName("DF", table, name) : given.name,
          text: given.text,
        };
  return {
    id,
    name,
    type,
    typeName,
    nullable: (syntax.nullable ?? true) && !primary && identity === undefined,
    ...(identity === undefined ? {} : { identity }),
    ...(defaulted === undefined ? {} : { default: defaulted }),
  };
}

/** Columns have no SQLite type, so that every value is kept as it was made. */
export function columnSql(column: Pick<TableColumn, "name" | "type">): string {
  const collation = isString(column.type) || column.type.name === "uniqueidentifier" ? " COLLATE NOCASE" : "";
  return quoteName(column.name) + collation;
}

/** @throws SqlError 2705 */
export function requireUniqueColumns(table: string, columns: readonly { readonly name: string }[]): void {
  const names = columns.map((column) => column.name.toLowerCase());
  const twice = columns.find((_column, index) => names.indexOf(names[index] ?? "") !== index);
  if (twice === undefined) return;
  const message = `Column names in each table must be unique. Column name '${twice.name}' in table '${table}' is specified more than once.`;
  throw sqlError(message, { number: 2705, state: 3 });
}
