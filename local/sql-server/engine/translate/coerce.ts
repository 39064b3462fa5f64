import type { SqlType } from "../../session.ts";
import { commonType, isDate, isExact, isInteger, isNumber, isString } from "../types/sql-type.ts";
import { typeKey, type Fragment } from "./translation.ts";

/** T-SQL's implicit conversion: a call only where the stored form differs. */
export function coerce(fragment: Fragment, type: SqlType): Fragment {
  if (fragment.isNull === true || isSameForm(fragment.type, type)) return { ...fragment, type };
  return { sql: convertSql(fragment, type), type, nullable: fragment.nullable };
}

export function convertSql(fragment: Fragment, type: SqlType, style = "NULL", attempt = false): string {
  return `t_convert(${fragment.sql}, ${typeKey(fragment.type)}, ${typeKey(type)}, ${style}, ${attempt ? 1 : 0})`;
}

/** Stored alike, so that nothing has to be converted. */
export function isSameForm(from: SqlType, to: SqlType): boolean {
  if (from.name === to.name) return true;
  if (isNumber(from)) return isSameNumber(from, to);
  if (to.name === "sql_variant") return true;
  if (isString(from)) return isString(to);
  return isDate(from) && to.name === "datetime2" && from.name !== "time" && from.name !== "datetimeoffset";
}

/** Exact numbers are text, the others SQLite's own; a whole number need not become a float. */
function isSameNumber(from: SqlType, to: SqlType): boolean {
  if (isExact(from) || isExact(to)) return isExact(from) && isExact(to);
  if (to.name === "sql_variant") return true;
  return isNumber(to) && (!isInteger(to) || isInteger(from));
}

/** The type all of them meet in; literals NULL have no say. */
export function commonTypeOf(fragments: readonly Fragment[]): SqlType {
  const typed = fragments.filter((fragment) => fragment.isNull !== true).map((fragment) => fragment.type);
  const [first, ...rest] = typed;
  return first === undefined ? { name: "int" } : rest.reduce(commonType, first);
}

/** Like coerce, but a whole number fits beside a decimal even where the common type has no room for it. */
export function toOperand(fragment: Fragment, common: SqlType): Fragment {
  const wide = isExact(common) && isInteger(fragment.type);
  return coerce(fragment, wide ? { name: "decimal", precision: 38, scale: 0 } : common);
}

/** Both in their common type, ready to compare, columns of whole numbers unchanged so that an index serves; text blind to case, trailing blanks of literals gone. */
export function comparable(left: Fragment, right: Fragment): readonly [string, string] {
  if (isInteger(left.type) && right.asInteger !== undefined) return [left.sql, right.asInteger];
  if (isInteger(right.type) && left.asInteger !== undefined) return [left.asInteger, right.sql];
  const type = commonTypeOf([left, right]);
  const leftSql = toOperand(left, type).sql;
  const rightSql = toOperand(right, type).sql;
  if (!isString(type)) return [leftSql, rightSql];
  return [`${trimLiteral(leftSql)} COLLATE NOCASE`, trimLiteral(rightSql)];
}

/** SQL Server ignores trailing blanks when it compares. */
function trimLiteral(sql: string): string {
  return /^'(?:[^']|'')* '$/.test(sql) ? `'${sql.slice(1, -1).replace(/ +$/, "")}'` : sql;
}
