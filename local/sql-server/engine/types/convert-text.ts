import { sqlError } from "../errors.ts";
import type { SqlType } from "../../session.ts";
import type { Storage } from "../syntax/expression.ts";
import { formatDateTime } from "./format-datetime.ts";
import { exactText } from "./exact.ts";
import { isDate, isExact, isNumber } from "./sql-type.ts";

/** To char, varchar, nchar, nvarchar: cut to the length, char padded. */
export function toText(value: Storage, from: SqlType, to: SqlType, style: number | undefined): string {
  const text = textOf(value, from, style);
  const length = to.length ?? "max";
  if (length === "max") return text;
  if (text.length > length && isNumber(from)) {
    throw sqlError(`Arithmetic overflow error converting expression to data type ${to.name}.`, {
      number: 8115,
    });
  }
  const cut = text.length > length ? text.slice(0, length) : text;
  return to.name === "char" || to.name === "nchar" ? cut.padEnd(length) : cut;
}

/** A value as text, in the type's own way. */
export function textOf(value: Storage, from: SqlType, style?: number): string {
  if (value === null) return "";
  if (typeof value === "string") return storedText(value, from, style);
  if (value instanceof Uint8Array) return binaryText(value, from, style);
  return from.name === "float" || from.name === "real" ? floatText(Number(value)) : value.toString();
}

function storedText(value: string, from: SqlType, style: number | undefined): string {
  if (isDate(from)) return formatDateTime(value, from, style);
  if (from.name === "money") return exactText(value, style === 2 ? 4 : 2);
  return from.name === "decimal" ? exactText(value, from.scale ?? 0) : value;
}

/** Six significant digits; beyond a million as 1e+006. */
function floatText(value: number): string {
  const rounded = Number(value.toPrecision(6));
  if (rounded !== 0 && (Math.abs(rounded) >= 1e6 || Math.abs(rounded) < 1e-4)) {
    return rounded
      .toExponential()
      .replace(/e([+-])(\d+)$/, (_all, sign: string, digits: string) => `e${sign}${digits.padStart(3, "0")}`);
  }
  return String(rounded);
}

function binaryText(value: Uint8Array, from: SqlType, style: number | undefined): string {
  const bytes = Buffer.from(value);
  if (style === 1) return `0x${bytes.toString("hex").toUpperCase()}`;
  if (style === 2) return bytes.toString("hex").toUpperCase();
  return bytes.toString(from.name === "nvarchar" ? "utf16le" : "latin1");
}

/** To binary and varbinary. */
export function toBinary(value: Storage, from: SqlType, to: SqlType, style: number | undefined): Uint8Array {
  const bytes = bytesOf(value, from, style);
  const length = to.length ?? "max";
  if (length === "max" || bytes.length === length) return bytes;
  if (bytes.length > length)
    return typeof value === "number" ? bytes.subarray(bytes.length - length) : bytes.subarray(0, length);
  if (to.name === "varbinary") return bytes;
  const padded = new Uint8Array(length);
  padded.set(bytes, typeof value === "number" ? length - bytes.length : 0);
  return padded;
}

const INTEGER_BYTES: Readonly<Record<string, number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
};

/** The bytes SQL Server would hold: characters in UTF-16 or Latin-1, numbers big-endian. */
export function bytesOf(value: Storage, from: SqlType, style?: number): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return textBytes(isExact(from) ? textOf(value, from) : value, from, style);
  const size = INTEGER_BYTES[from.name] ?? 4;
  const hex = BigInt.asUintN(size * 8, BigInt(Math.trunc(Number(value ?? 0)))).toString(16);
  return Buffer.from(hex.padStart(size * 2, "0"), "hex");
}

function textBytes(value: string, from: SqlType, style: number | undefined): Uint8Array {
  if (from.name === "uniqueidentifier") return guidBytes(value);
  if (style === 1 || style === 2) return Buffer.from(value.replace(/^0x/i, ""), "hex");
  return Buffer.from(value, from.name.startsWith("n") ? "utf16le" : "latin1");
}

function guidBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text.replaceAll("-", ""), "hex");
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Uint8Array.from(order, (index) => bytes[index] ?? 0);
}
