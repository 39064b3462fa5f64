import type { SqlType, SqlValue } from "../../session.ts";
import type { Storage } from "../syntax/expression.ts";
import { checkInteger } from "./convert-number.ts";
import { fromSqlDateTime, toSqlDateTime } from "./datetime.ts";
import { isDate, isInteger } from "./sql-type.ts";

/** What is stored, as the wire wants it. @throws SqlError 8115 for a number too large for its type. */
export function toSqlValue(value: Storage, type: SqlType): SqlValue {
  if (value === null) return null;
  if (isDate(type)) return typeof value === "string" ? toSqlDateTime(value) : null;
  if (type.name === "bit") return Number(value) !== 0;
  if (isInteger(type)) return integerValue(value, type);
  if (type.name === "decimal" || type.name === "money") return exactText(value, type);
  if (type.name === "float" || type.name === "real") return Number(value);
  return value;
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
  if (value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "string") {
    if (type.name === "decimal" || type.name === "money") return Number(value);
    return type.name === "uniqueidentifier" ? value.toUpperCase() : value;
  }
  return typeof value === "object" && "milliseconds" in value ? fromSqlDateTime(value, type) : value;
}
