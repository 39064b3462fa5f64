import type { SqlType, SqlValue } from "../../session.ts";
import type { ByteReader } from "../byte-reader.ts";
import { fromScaled } from "./decimal.ts";
import { fromGuidBytes } from "./guid.ts";
import {
  readDate,
  readDatetime,
  readDatetime2,
  readDatetimeOffset,
  readSmallDatetime,
  readTime,
} from "./read-moment.ts";
import type { ReadType } from "./read-type.ts";
import { fromCodePage } from "./text.ts";

const MONEY_SCALE = 4;

type ReadSized = (reader: ByteReader, size: number, sql: SqlType) => SqlValue;

const readInteger: ReadSized = (reader, size) => {
  if (size === 1) return reader.uint8();
  if (size === 2) return reader.int16();
  return size === 4 ? reader.int32() : reader.int64();
};
const readFloat: ReadSized = (reader, size) => (size === 4 ? reader.float32() : reader.float64());

const readers = new Map<SqlType["name"], ReadSized>([
  ["tinyint", readInteger],
  ["smallint", readInteger],
  ["int", readInteger],
  ["bigint", readInteger],
  ["bit", (reader) => reader.uint8() !== 0],
  ["real", readFloat],
  ["float", readFloat],
  ["decimal", (reader, size, { scale = 0 }) => fromScaled(readScaled(reader, size), scale)],
  ["money", readMoney],
  ["uniqueidentifier", (reader, size) => fromGuidBytes(reader.raw(size))],
  ["date", readDate],
  ["time", (reader, size, { scale = 0 }) => readTime(reader, size, scale)],
  ["datetime", readDatetime],
  ["smalldatetime", readSmallDatetime],
  ["datetime2", (reader, size, { scale = 0 }) => readDatetime2(reader, size, scale)],
  ["datetimeoffset", (reader, size, { scale = 0 }) => readDatetimeOffset(reader, size, scale)],
]);

/** A value of known size: everything but text, binary and sql_variant. */
export function readSized(reader: ByteReader, sql: SqlType, size: number): SqlValue {
  const read = readers.get(sql.name);
  if (read === undefined) throw new RangeError(`A ${sql.name} has no size of its own.`);
  return read(reader, size, sql);
}

/** MS-TDS wants whole words of 32 bits; FreeTDS sends as few bytes as the precision needs, which the server takes. */
function readScaled(reader: ByteReader, size: number): bigint {
  const positive = reader.uint8() !== 0;
  const magnitude = BigInt(
    `0x0${Buffer.from(reader.raw(size - 1))
      .reverse()
      .toString("hex")}`,
  );
  return positive ? magnitude : -magnitude;
}

function readMoney(reader: ByteReader, size: number): string {
  if (size === 4) return fromScaled(BigInt(reader.int32()), MONEY_SCALE);
  const high = BigInt(reader.int32());
  return fromScaled((high << 32n) | BigInt(reader.uint32()), MONEY_SCALE);
}

/** Bytes as the value of a char, nchar or binary type. Binary is copied, so that it does not hold the whole message. */
export function toLengthedValue(
  bytes: Buffer,
  { sql, collation }: Pick<ReadType, "sql" | "collation">,
): SqlValue {
  if (sql.name === "varbinary" || sql.name === "binary") return Uint8Array.from(bytes);
  if (sql.name === "nvarchar" || sql.name === "nchar") return bytes.toString("utf16le");
  return fromCodePage(bytes, collation ?? Buffer.alloc(5));
}
