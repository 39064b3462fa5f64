import type { SqlType, SqlValue } from "../../session.ts";
import type { Storage } from "../syntax/expression.ts";
import { checkInteger } from "./convert-number.ts";
import { fromSqlDateTime, toSqlDateTime } from "./datetime.ts";
import { exactText, parseExact, toStored } from "./exact.ts";
import { digitsOf, isDate, isExact, isInteger, isNumber } from "./sql-type.ts";

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
  return isExact(type) ? exactText(String(value), digitsOf(type)[1]) : Number(value);
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

/** What came over the wire, as it is stored. */
export function toStorage(value: SqlValue, type: SqlType): Storage {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "string") return textStorage(value, type);
  const isDateTime = value !== null && typeof value === "object" && "milliseconds" in value;
  return isDateTime ? fromSqlDateTime(value, type) : value;
}

function textStorage(value: string, type: SqlType): Storage {
  if (isExact(type)) return toStored(parseExact(value) ?? { digits: 0n, scale: 0 });
  return type.name === "uniqueidentifier" ? value.toUpperCase() : value;
}
