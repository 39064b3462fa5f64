import { sqlError } from "../errors.ts";
import type { SqlError, SqlType } from "../../session.ts";
import type { Storage } from "../syntax/expression.ts";
import { dayOf, parseStored } from "./datetime.ts";
import { fitExact, fromStored, parseExact, rescale, toStored, type Exact } from "./exact.ts";
import { isDate, isExact, isInteger, isString } from "./sql-type.ts";

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  tinyint: [0, 255],
  smallint: [-32768, 32767],
  int: [-2147483648, 2147483647],
};
const LONG_MAXIMUM = 2n ** 63n - 1n;

/** To any of the number types. @throws SqlError 206, 220, 245, 248, 8114, 8115 */
export function toNumberType(value: Storage, from: SqlType, to: SqlType): Storage {
  if (isExact(to)) return toExact(value, from, to);
  if (isExact(from)) return ofExact(fromStored(String(value)), to);
  if (to.name === "bit") return toBit(value, from);
  if (isInteger(to)) return toInteger(value, from, to);
  const number = toNumber(value, from, to);
  return to.name === "real" ? Math.fround(number) : number;
}

function ofExact(value: Exact, to: SqlType): number | bigint {
  if (to.name === "bit") return value.digits === 0n ? 0 : 1;
  if (isInteger(to)) return checkInteger(rescale(value, 0, "cut").digits, to);
  const number = Number(`${value.digits}e-${value.scale}`);
  return to.name === "real" ? Math.fround(number) : number;
}

function toBit(value: Storage, from: SqlType): number {
  if (typeof value !== "string" || isDate(from)) return toNumber(value, from, { name: "bit" }) === 0 ? 0 : 1;
  const text = value.trim().toLowerCase();
  if (text === "true") return 1;
  if (text === "false" || text === "") return 0;
  return Number(toInteger(value, from, { name: "bit" })) === 0 ? 0 : 1;
}

function toInteger(value: Storage, from: SqlType, to: SqlType): number | bigint {
  if (typeof value === "bigint") return checkInteger(value, to);
  if (typeof value === "string" && !isDate(from)) return parseInteger(value, from, to);
  return checkInteger(Math.trunc(toNumber(value, from, to)), to);
}

function parseInteger(text: string, from: SqlType, to: SqlType): number | bigint {
  const trimmed = text.trim();
  if (trimmed === "") return 0;
  if (!/^[+-]?\d+$/.test(trimmed)) {
    const message = `Conversion failed when converting the ${from.name} value '${text}' to data type ${to.name}.`;
    throw to.name === "bigint" ? converting(from, "bigint") : sqlError(message, { number: 245 });
  }
  const [low, high] = RANGES[to.name] ?? [-Infinity, Infinity];
  const number = Number(trimmed);
  if (number >= low && number <= high) return checkInteger(BigInt(trimmed), to);
  const message = `The conversion of the ${from.name} value '${trimmed}' overflowed an ${to.name} column.`;
  throw sqlError(message, { number: 248 });
}

/** @throws SqlError 220, 8115 */
export function checkInteger(value: number | bigint, to: SqlType): number | bigint {
  const range = RANGES[to.name];
  if (range !== undefined) {
    if (value >= range[0] && value <= range[1]) return Number(value);
    if (to.name === "int") throw overflow("expression", "int");
    const message = `Arithmetic overflow error for data type ${to.name}, value = ${value}.`;
    throw sqlError(message, { number: 220 });
  }
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  const big = BigInt(value);
  if (big > LONG_MAXIMUM || big < -LONG_MAXIMUM - 1n) throw overflow("expression", to.name);
  return Number.isSafeInteger(Number(big)) ? Number(big) : big;
}

/** Any value but an exact number as a JavaScript number; `to` is only named in errors. @throws SqlError 206, 8114 */
function toNumber(value: Storage, from: SqlType, to: SqlType): number {
  if (value === null) return 0;
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return Number(BigInt(`0x0${Buffer.from(value).toString("hex")}`));
  if (from.name === "datetime" || from.name === "smalldatetime") {
    return (parseStored(value).milliseconds - dayOf(1900, 1, 1)) / 86_400_000;
  }
  requireConvertible(from, to);
  const number = parseText(value, from, to);
  return Number(`${number.digits}e-${number.scale}`);
}

/** @throws SqlError 206 */
function requireConvertible(from: SqlType, to: SqlType): void {
  if (!isDate(from) && from.name !== "uniqueidentifier") return;
  const message = `Operand type clash: ${from.name} is incompatible with ${shownName(to)}`;
  throw sqlError(message, { number: 206, state: 2 });
}

function shownName({ name }: SqlType): string {
  return name === "decimal" ? "numeric" : name;
}

/** Money may have its sign and commas; only a numeric is not made of nothing. @throws SqlError 8114 */
function parseText(value: string, from: SqlType, to: SqlType): Exact {
  const text = to.name === "money" ? value.replace(/[$,]/g, "").trim() : value.trim();
  if (text === "" && to.name !== "decimal") return { digits: 0n, scale: 0 };
  const parsed = to.name === "decimal" && /e/i.test(text) ? undefined : parseExact(text);
  if (parsed === undefined) throw converting(from, shownName(to));
  return parsed;
}

/** @throws SqlError 206, 8114, 8115 */
function toExact(value: Storage, from: SqlType, to: SqlType): string {
  const fitted = fitExact(exactOf(value, from, to), to);
  if (fitted !== undefined) return toStored(fitted);
  if (to.name === "money") throw overflow("expression", "money");
  throw overflow(shownName(from), "numeric");
}

function exactOf(value: Storage, from: SqlType, to: SqlType): Exact {
  if (typeof value === "string" && isExact(from)) return fromStored(value);
  if (typeof value === "bigint") return { digits: value, scale: 0 };
  if (typeof value === "string" && isString(from)) return parseText(value, from, to);
  // The shortest decimal digits that mean the number: 1.005 must round as they say, not as its bits.
  return parseExact(String(toNumber(value, from, to))) ?? { digits: 0n, scale: 0 };
}

function overflow(from: string, to: string): SqlError {
  return sqlError(`Arithmetic overflow error converting ${from} to data type ${to}.`, {
    number: 8115,
    state: 2,
  });
}

function converting(from: SqlType, to: string): SqlError {
  return sqlError(`Error converting data type ${from.name} to ${to}.`, { number: 8114, state: 5 });
}
