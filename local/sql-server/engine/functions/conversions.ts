import { type SqlType, SqlError } from "../../session.ts";
import type { Storage } from "../syntax/expression.ts";
import { bytesOf } from "../types/convert-text.ts";
import { convert } from "../types/convert.ts";
import { isString } from "../types/sql-type.ts";
import { strict, type Arguments, type NativeFunctions } from "./context.ts";

const types = new Map<string, SqlType>();

/** Types travel through SQL text as JSON. */
export function typeOf(key: Storage | undefined): SqlType {
  const text = String(key);
  const known = types.get(text);
  if (known !== undefined) return known;
  // Written by the translator only.
  const type = JSON.parse(text) as SqlType;
  types.set(text, type);
  return type;
}

/** value, from, to, style, attempt */
function runConvert(values: Arguments): Storage {
  const [value = null, from, to, style, attempt] = values;
  const chosen = style === null || style === undefined ? undefined : Number(style);
  try {
    return convert(value, typeOf(from), typeOf(to), chosen);
  } catch (error) {
    if (attempt === 1 && error instanceof SqlError && error.number !== 206) return null;
    throw error;
  }
}

/** Bytes: of text two for each national character. */
function dataLength(value: NonNullable<Storage>, type: SqlType): number {
  if (typeof value === "string" && isString(type)) return value.length * (type.name.startsWith("n") ? 2 : 1);
  const sizes: Readonly<Record<string, number>> = {
    datetime: 8,
    datetime2: 8,
    date: 3,
    float: 8,
    decimal: 9,
    money: 8,
  };
  return sizes[type.name] ?? bytesOf(value, type).length;
}

export const CONVERSIONS: NativeFunctions = {
  convert: { pure: true, run: runConvert },
  datalength: strict(([value = "", type]) => dataLength(value, typeOf(type))),
  isnumeric: {
    pure: true,
    run: ([value]) => {
      const text = typeof value === "string" ? value.trim().replace(/^[$]/, "") : "";
      return text !== "" && /^[+-]?(\d+(,\d{3})*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? 1 : 0;
    },
  },
};
