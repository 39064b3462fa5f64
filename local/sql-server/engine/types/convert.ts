import { sqlError } from "../errors.ts";
import type { SqlError, SqlType } from "../../session.ts";
import type { Storage } from "../syntax/expression.ts";
import { toBinary, toText } from "./convert-text.ts";
import { dayOf, formatInstant, parseStored, storeAs } from "./datetime.ts";
import { parseDateTime } from "./parse-datetime.ts";
import { toNumberType } from "./convert-number.ts";
import { FLOAT, isDate, isExact, isNumber, isString } from "./sql-type.ts";

/**
 * CAST and CONVERT of a stored value.
 * @throws SqlError 241, 242, 245, 248, 206, 220, 8114, 8115, 8169 as SQL Server would.
 */
export function convert(value: Storage, from: SqlType, to: SqlType, style?: number): Storage {
  if (value === null) return value;
  // A sql_variant keeps no type beside the value: an exact number becomes a float in it.
  if (to.name === "sql_variant") return isExact(from) ? toNumberType(value, from, FLOAT) : value;
  if (isNumber(to)) return toNumberType(value, from, to);
  if (isString(to)) return toText(value, from, to, style);
  if (isDate(to)) return toDate(value, from, to);
  if (to.name === "uniqueidentifier") return toGuid(value, from);
  return toBinary(value, from, to, style);
}

const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?/i;

function toGuid(value: Storage, from: SqlType): string {
  if (typeof value === "string") {
    const found = GUID.exec(value)?.[1];
    if (found !== undefined) return found.toUpperCase();
    const message = "Conversion failed when converting from a character string to uniqueidentifier.";
    throw sqlError(message, { number: 8169, state: 2 });
  }
  if (value instanceof Uint8Array) return guidFromBytes(value);
  throw clash(from, { name: "uniqueidentifier" });
}

/** The first three groups are little-endian. */
function guidFromBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex").padEnd(32, "0").toUpperCase();
  const pair = (index: number): string => hex.slice(index * 2, index * 2 + 2);
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map(pair).join("");
  return order.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function toDate(value: Storage, from: SqlType, to: SqlType): string {
  if (typeof value === "string" && isDate(from)) return restore(value, from, to);
  if (isExact(from)) return toDate(toNumberType(value, from, FLOAT), FLOAT, to);
  if (typeof value === "string") return parseDate(value, from, to);
  const counts = to.name === "datetime" || to.name === "smalldatetime";
  if (counts && (typeof value === "number" || typeof value === "bigint")) {
    // Days since 1900, the fraction is the time of day.
    return storeAs(
      { milliseconds: dayOf(1900, 1, 1) + Number(value) * 86_400_000, hundredNanoseconds: 0 },
      to,
    );
  }
  throw clash(from, to);
}

function restore(value: string, from: SqlType, to: SqlType): string {
  const instant = parseStored(value);
  if (from.name !== "time" || to.name === "time") return storeAs(instant, to);
  return storeAs({ ...instant, milliseconds: instant.milliseconds + dayOf(1900, 1, 1) }, to);
}

function parseDate(text: string, from: SqlType, to: SqlType): string {
  const parsed = parseDateTime(text);
  if (parsed === "malformed") {
    const message = "Conversion failed when converting date and/or time from character string.";
    throw sqlError(message, { number: 241 });
  }
  if (parsed === "outOfRange") throw outOfRange(from, to);
  if (
    (to.name === "datetime" && formatInstant(parsed) < "1753") ||
    parsed.milliseconds > dayOf(10000, 1, 1)
  ) {
    throw outOfRange(from, to);
  }
  return storeAs(parsed, to);
}

function outOfRange(from: SqlType, to: SqlType): SqlError {
  if (to.name !== "datetime" && to.name !== "smalldatetime") {
    const message = "Conversion failed when converting date and/or time from character string.";
    return sqlError(message, { number: 241 });
  }
  const message = `The conversion of a ${from.name} data type to a ${to.name} data type resulted in an out-of-range value.`;
  return sqlError(message, { number: 242, state: 3 });
}

function clash(from: SqlType, to: SqlType): SqlError {
  return sqlError(`Operand type clash: ${from.name} is incompatible with ${to.name}`, {
    number: 206,
    state: 2,
  });
}
