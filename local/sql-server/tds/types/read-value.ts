import type { SqlValue } from "../../session.ts";
import type { ByteReader } from "../byte-reader.ts";
import { readSized, toLengthedValue } from "./read-scalar.ts";
import type { ReadType } from "./read-type.ts";
import { readVariant } from "./read-variant.ts";
import { MAX_LENGTH, PLP_NULL, WireType } from "./wire-types.ts";

/** Some clients begin XML with it; it is no part of the document. */
const BYTE_ORDER_MARK = /^\ufeff/;
const LARGE_NULL = 0xffff_ffff;
const lengthIsLarge = new Set<number>([WireType.text, WireType.ntext, WireType.image]);
const firstByteOfLengthed = WireType.varbinary;

/** Reads a value that follows its type, or a row's column. */
export function readValue(reader: ByteReader, type: ReadType): SqlValue {
  if (type.kind === WireType.null) return null;
  if (type.kind === WireType.variant) return readVariant(reader);
  if (type.kind >= firstByteOfLengthed || lengthIsLarge.has(type.kind)) return readLengthed(reader, type);
  const size = hasOwnLength(type.kind) ? reader.uint8() : type.size;
  return size === 0 ? null : readSized(reader, type.sql, size);
}

/** Types of one fixed size carry no length; all others of this family do. */
function hasOwnLength(kind: number): boolean {
  const fixedSize = kind >= WireType.tinyint && kind <= WireType.float;
  return !fixedSize && kind !== WireType.smallmoney && kind !== WireType.bigint;
}

function readLengthed(reader: ByteReader, type: ReadType): SqlValue {
  const bytes = readLengthedBytes(reader, type);
  if (bytes === null) return null;
  const value = toLengthedValue(bytes, type);
  return type.kind === WireType.xml && typeof value === "string" ? value.replace(BYTE_ORDER_MARK, "") : value;
}

function readLengthedBytes(reader: ByteReader, type: ReadType): Buffer | null {
  if (lengthIsLarge.has(type.kind)) {
    const size = reader.uint32();
    return size === LARGE_NULL ? null : reader.raw(size);
  }
  if (type.size === MAX_LENGTH) return readChunks(reader);
  const size = reader.uint16();
  return size === MAX_LENGTH ? null : reader.raw(size);
}

function readChunks(reader: ByteReader): Buffer | null {
  if (reader.uint64() === PLP_NULL) return null;
  const chunks: Buffer[] = [];
  for (let size = reader.uint32(); size > 0; size = reader.uint32()) chunks.push(reader.raw(size));
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}
