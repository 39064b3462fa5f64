import type { SqlType, SqlValue } from "../../session.ts";
import type { Storage } from "../syntax/expression.ts";
import { checkInteger } from "./convert-number.ts";
import { fromSqlDateTime, toSqlDateTime } from "./datetime.ts";
import { isDate, isInteger, isNumber } from "./sql-type.ts";

/** What is stored, as the wire wants it. @throws SqlError 8115 for a number too large for its type. */
export function toSqlValue(value: Storage, type: SqlType): SqlValue {
  if (value === null) return null;
  if (isDate(type)) return typeof value === "string" ? toSqlDateTime(value) : null;
  if (isNumber(type)) return numberValue(value, type);
  return typeof value === "string" && isPadded(type) ? value.padEnd(Number(type.length)) : value;
}

function numberValue(value: NonNullable<Storage>, type: SqlType): SqlValue {
  if (type.name === "bit") return Number(value) !== 0;
  if (isInteger(type)) return integerValue(value, type);
  return type.name === "float" || type.name === "real" ? Number(value) : exactText(value, type);
}

/** Columns of char are stored without their trailing blanks. */
function isPadded({ name, length }: SqlType): boolean {
  return (name === "char" || name === "nchar") && typeof length === "number";
}

function integerValue(value: Storage, type: SqlType): SqlValue {
  const whole = typeof value === "bigint" ? value : Math.trunc(Number(value));
  const checked = checkInteger(whole, type);
  return type.name === "bigint" ? BigInt(checked) : checked;
}

function exactText(value: Storage, type: SqlType): string {
  const scale = type.name === "money" ? 4 : (type.scale ?? 0);
  if (typeof value === "number") return value.toFixed(scale);
  return typeof value === "bigint" && scale > 0 ? `${value}.${"0".repeat(scale)}` : String(value);
}

/** What came over the wire, as it is stored. */
export function toStorage(value: SqlValue, type: SqlType): Storage {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "string") return textStorage(value, type);
  const isDateTime = value !== null && typeof value === "object" && "milliseconds" in value;
  return isDateTime ? fromSqlDateTime(value, type) : value;
}

function textStorage(value: string, type: SqlType): Storage {
  if (type.name === "decimal" || type.name === "money") return Number(value);
  return type.name === "uniqueidentifier" ? value.toUpperCase() : value;
}
