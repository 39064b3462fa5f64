import { SqlError, type SqlType } from "../../session.ts";
import { toSqlType } from "../types/sql-type.ts";
import type { Cursor } from "./cursor.ts";

export interface ParsedType {
  readonly type: SqlType;
  /** As written, lower case. */
  readonly typeName: string;
}

/**
 * `int`, `nvarchar(50)`, `decimal(18, 2)`, `sys.sysname`, `double precision`.
 * @param defaultLength of char types without a length: 1 in declarations, 30 in CAST and CONVERT.
 */
export function parseDataType(cursor: Cursor, defaultLength = 1): ParsedType {
  const { line } = cursor;
  let typeName = typeWord(cursor);
  if (cursor.accept(".")) typeName = typeWord(cursor);
  const base = toSqlType(typeName, defaultLength);
  if (base === undefined) {
    throw new SqlError(`Cannot find data type ${typeName}.`, { number: 2715, class: 16, state: 6, line });
  }
  if (!cursor.accept("(")) return { type: base, typeName };
  const type = withArguments(cursor, base);
  cursor.expect(")");
  return { type, typeName };
}

function typeWord(cursor: Cursor): string {
  if (cursor.accept("DOUBLE", "PRECISION")) return "float";
  if (cursor.accept("NATIONAL")) return `n${typeWord(cursor)}`;
  const name = cursor.identifier().toLowerCase();
  const varying = (name === "char" || name === "character" || name === "nchar") && cursor.accept("VARYING");
  if (name === "character") return varying ? "varchar" : "char";
  return varying ? name.replace("char", "varchar") : name;
}

function withArguments(cursor: Cursor, base: SqlType): SqlType {
  if (cursor.accept("MAX")) return { name: base.name, length: "max" };
  const first = cursor.integer();
  if (base.name === "decimal") {
    return { name: "decimal", precision: first, scale: cursor.accept(",") ? cursor.integer() : 0 };
  }
  if (base.length !== undefined) return { name: base.name, length: first };
  if (base.name === "float") return { name: first <= 24 ? "real" : "float" };
  return base.scale === undefined ? base : { name: base.name, scale: first };
}
