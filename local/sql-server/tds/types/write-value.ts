import type { SqlType, SqlValue } from "../../session.ts";
import type { ByteWriter } from "../byte-writer.ts";
import { decimalBytes, toScaled } from "./decimal.ts";
import { toGuidBytes } from "./guid.ts";
import { toCodePage } from "./text.ts";
import { type PresentValue, toBytes, toText } from "./convert.ts";
import {
  writeDate,
  writeDatetime,
  writeDatetime2,
  writeDatetimeOffset,
  writeSmallDatetime,
  writeTime,
} from "./write-moment.ts";
import { writeVariant } from "./write-variant.ts";
import { DEFAULT_PRECISION, DEFAULT_TIME_SCALE, MAX_LENGTH, PLP_NULL, sizedTypes } from "./wire-types.ts";
import { isMax } from "./write-type.ts";

export type WriteValue = (writer: ByteWriter, value: SqlValue) => void;
type WritePresent = (writer: ByteWriter, value: PresentValue) => unknown;

const MONEY_SCALE = 4;

/**
 * How values of a type are written; made once per column, then called per row.
 * The function throws RangeError for a value that the type cannot hold: a defect of the engine.
 */
export function valueWriter(type: SqlType, nullable: boolean): WriteValue {
  const write = presentWriter(type, nullable);
  const writeNull = nullWriter(type);
  return (writer, value) => {
    if (value === null) writeNull(writer);
    else write(writer, value);
  };
}

function presentWriter(type: SqlType, nullable: boolean): WritePresent {
  const write = present[type.name](type);
  const sized = sizedTypes[type.name];
  if (sized === undefined || (!nullable && sized.fixed !== undefined)) return write;
  return (writer, value) => write(writer.uint8(sized.bytes), value);
}

function nullWriter(type: SqlType): (writer: ByteWriter) => unknown {
  if (isMax(type)) return (writer) => writer.uint64(PLP_NULL);
  if (/char|binary/.test(type.name)) return (writer) => writer.uint16(MAX_LENGTH);
  return type.name === "sql_variant" ? (writer) => writer.uint32(0) : (writer) => writer.uint8(0);
}

/** The value alone for types of one size; with its length for the others. */
const present: Readonly<Record<SqlType["name"], (type: SqlType) => WritePresent>> = {
  tinyint: () => (writer, value) => writer.uint8(Number(value)),
  smallint: () => (writer, value) => writer.int16(Number(value)),
  int: () => (writer, value) => writer.int32(Number(value)),
  bigint: () => (writer, value) => writer.int64(toBigInt(value)),
  bit: () => (writer, value) => writer.uint8(Number(value) === 0 ? 0 : 1),
  real: () => (writer, value) => writer.float32(Number(value)),
  float: () => (writer, value) => writer.float64(Number(value)),
  decimal: decimalWriter,
  money: () => writeMoney,
  uniqueidentifier: () => (writer, value) => writer.raw(toGuidBytes(toText(value))),
  sql_variant: () => writeVariant,
  char: lengthedWriter,
  varchar: lengthedWriter,
  nchar: lengthedWriter,
  nvarchar: lengthedWriter,
  binary: lengthedWriter,
  varbinary: lengthedWriter,
  date: () => writeDate,
  time: momentWriter(writeTime),
  datetime: () => writeDatetime,
  smalldatetime: () => writeSmallDatetime,
  datetime2: momentWriter(writeDatetime2),
  datetimeoffset: momentWriter(writeDatetimeOffset),
};

function toBigInt(value: PresentValue): bigint {
  if (typeof value === "bigint") return value;
  return typeof value === "number" ? BigInt(Math.trunc(value)) : BigInt(toText(value));
}

function decimalWriter({ precision = DEFAULT_PRECISION, scale = 0 }: SqlType): WritePresent {
  const size = decimalBytes(precision);
  return (writer, value) => {
    const number = toScaled(toText(value), scale);
    const magnitude = number < 0n ? -number : number;
    writer.uint8(size).uint8(number < 0n ? 0 : 1);
    for (let shift = 0n; shift < BigInt(size - 1) * 8n; shift += 32n) {
      writer.uint32(Number((magnitude >> shift) & 0xffff_ffffn));
    }
  };
}

/** Money's higher half comes first (MS-TDS 2.2.5.5.1.2). */
function writeMoney(writer: ByteWriter, value: PresentValue): void {
  const number = toScaled(toText(value), MONEY_SCALE);
  writer.int32(Number(number >> 32n)).uint32(Number(number & 0xffff_ffffn));
}

/** char, nchar and binary values are as long as their type says, filled up with spaces or zeros. */
function lengthedWriter(type: SqlType): WritePresent {
  const max = isMax(type);
  const length = fixedLength(type);
  if (type.name === "nvarchar" || type.name === "nchar") return max ? writeLongWide : wideWriter(length);
  const encode = type.name.endsWith("char")
    ? (value: PresentValue) => toCodePage(toText(value).padEnd(length))
    : (value: PresentValue) => fillUp(toBytes(value), length);
  return max
    ? (writer, value) => {
        writeLong(writer, encode(value));
      }
    : (writer, value) => {
        const bytes = encode(value);
        writer.uint16(bytes.length).raw(bytes);
      };
}

/** 0 for types of varying length. */
function fixedLength({ name, length }: SqlType): number {
  const isFixed = name === "char" || name === "nchar" || name === "binary";
  return isFixed && typeof length === "number" ? length : 0;
}

function fillUp(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes;
  const filled = new Uint8Array(length);
  filled.set(bytes);
  return filled;
}

function wideWriter(length: number): WritePresent {
  return (writer, value) => {
    const text = toText(value).padEnd(length);
    writer.uint16(text.length * 2).utf16(text);
  };
}

/** A value of a (max) type: its whole length, one chunk, and a chunk of nothing to end. */
function writeLongWide(writer: ByteWriter, value: PresentValue): void {
  const text = toText(value);
  writer.uint64(BigInt(text.length * 2));
  if (text.length > 0) writer.uint32(text.length * 2).utf16(text);
  writer.uint32(0);
}

function writeLong(writer: ByteWriter, bytes: Uint8Array): void {
  writer.uint64(BigInt(bytes.length));
  if (bytes.length > 0) writer.uint32(bytes.length).raw(bytes);
  writer.uint32(0);
}

function momentWriter(
  write: (writer: ByteWriter, value: PresentValue, scale: number) => void,
): (type: SqlType) => WritePresent {
  return ({ scale = DEFAULT_TIME_SCALE }) =>
    (writer, value) => {
      write(writer, value, scale);
    };
}
