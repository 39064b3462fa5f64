import { unsupported } from "../parser/cursor.ts";
import type { Storage } from "../syntax/expression.ts";
import { fromStored, parseExact } from "../types/exact.ts";
import { isDate, isExact } from "../types/sql-type.ts";
import { strict, type NativeFunctions } from "./context.ts";
import { typeOf } from "./conversions.ts";
import { formatDate } from "./format-date.ts";
import { formatNumber } from "./format-number.ts";

type Present = NonNullable<Storage>;

/** @throws SqlError 40515 for another culture than en-US */
function format(value: Present, pattern: string, culture: string, typeKey: Present): Storage {
  const type = typeOf(typeKey);
  if (culture.toLowerCase() !== "en-us") throw unsupported(`FORMAT with the culture '${culture}'`, 0);
  if (isDate(type)) return formatDate(String(value), pattern) ?? null;
  const number = isExact(type) ? fromStored(String(value)) : parseExact(String(value));
  return number === undefined ? null : (formatNumber(number, pattern === "" ? "G" : pattern) ?? null);
}

export const FORMATS: NativeFunctions = {
  // The translator gives the culture and the value's type.
  format: strict(([value = "", pattern, culture, type = ""]) =>
    format(value, String(pattern), String(culture), type),
  ),
};
