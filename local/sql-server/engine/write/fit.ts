import type { SqlType } from "../../session.ts";
import { cannotBeNull, truncated } from "../errors.ts";
import { displayName, type TableColumn, type TableObject } from "../catalog/model.ts";
import type { Storage } from "../syntax/expression.ts";
import { convert } from "../types/convert.ts";
import { isBinary, isString, NVARCHAR_MAX } from "../types/sql-type.ts";

export interface FitTarget {
  readonly database: string;
  readonly table: TableObject;
  readonly operation: "INSERT" | "UPDATE";
}

/** Makes a value what the column stores. @throws SqlError 245 …, 515, 2628 */
export function fit(value: Storage, from: SqlType, column: TableColumn, target: FitTarget): Storage {
  if (value === null) {
    if (column.nullable) return null;
    throw cannotBeNull(column.name, fullName(target), target.operation);
  }
  const { type } = column;
  if (isString(type)) return fitText(String(convert(value, from, NVARCHAR_MAX)), column, target);
  const fitted = convert(value, from, isBinary(type) ? { name: type.name, length: "max" } : type);
  if (fitted instanceof Uint8Array && typeof type.length === "number" && fitted.length > type.length) {
    throw truncated(
      fullName(target),
      column.name,
      Buffer.from(fitted.subarray(0, type.length)).toString("latin1"),
    );
  }
  return type.name === "binary" ? convert(fitted, type, type) : fitted;
}

/** Trailing blanks beyond the length are cut in silence; char is stored without its padding. */
function fitText(text: string, column: TableColumn, target: FitTarget): string {
  const { length, name } = column.type;
  const padded = name === "char" || name === "nchar";
  const kept = padded ? text.replace(/ +$/, "") : text;
  if (typeof length !== "number" || kept.length <= length) return kept;
  const trimmed = kept.replace(/ +$/, "");
  if (trimmed.length <= length) return kept.slice(0, length);
  throw truncated(fullName(target), column.name, kept.slice(0, length));
}

function fullName({ database, table }: FitTarget): string {
  return `${database}.${displayName(table)}`;
}
