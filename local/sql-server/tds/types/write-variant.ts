import type { ByteWriter } from "../byte-writer.ts";
import { type PresentValue, toMoment } from "./convert.ts";
import { roundTo, ticksPerUnit, timeBytes, toDayAndTime } from "./moments.ts";
import { COLLATION } from "./text.ts";
import { DEFAULT_TIME_SCALE, LONGEST_BYTES, WireType } from "./wire-types.ts";

/**
 * A sql_variant carries its own type, which is taken from the value: whole numbers are int or bigint, others
 * float, text nvarchar, moments datetime2.
 */
export function writeVariant(writer: ByteWriter, value: PresentValue): void {
  if (typeof value === "string") writeTextVariant(writer, value);
  else if (typeof value === "boolean") writeHead(writer, WireType.bit, 0, 1).uint8(value ? 1 : 0);
  else if (typeof value === "bigint") writeHead(writer, WireType.bigint, 0, 8).int64(value);
  else if (typeof value === "number") writeNumberVariant(writer, value);
  else if (value instanceof Uint8Array) writeBytesVariant(writer, value);
  else writeMomentVariant(writer, value);
}

function writeHead(writer: ByteWriter, type: number, propertyBytes: number, dataBytes: number): ByteWriter {
  return writer
    .uint32(2 + propertyBytes + dataBytes)
    .uint8(type)
    .uint8(propertyBytes);
}

function writeNumberVariant(writer: ByteWriter, value: number): void {
  if ((value | 0) === value) writeHead(writer, WireType.int, 0, 4).int32(value);
  else if (Number.isSafeInteger(value)) writeHead(writer, WireType.bigint, 0, 8).int64(BigInt(value));
  else writeHead(writer, WireType.float, 0, 8).float64(value);
}

function writeTextVariant(writer: ByteWriter, value: string): void {
  const text = value.slice(0, LONGEST_BYTES / 2);
  writeHead(writer, WireType.nvarchar, 7, text.length * 2)
    .raw(COLLATION)
    .uint16(LONGEST_BYTES)
    .utf16(text);
}

function writeBytesVariant(writer: ByteWriter, value: Uint8Array): void {
  const bytes = value.subarray(0, LONGEST_BYTES);
  writeHead(writer, WireType.varbinary, 2, bytes.length).uint16(LONGEST_BYTES).raw(bytes);
}

function writeMomentVariant(writer: ByteWriter, value: PresentValue): void {
  const { day, ticks } = roundTo(ticksPerUnit(DEFAULT_TIME_SCALE), toDayAndTime(toMoment(value)));
  const size = timeBytes(DEFAULT_TIME_SCALE);
  writeHead(writer, WireType.datetime2, 1, size + 3)
    .uint8(DEFAULT_TIME_SCALE)
    .uint(ticks, size)
    .uint(day, 3);
}
