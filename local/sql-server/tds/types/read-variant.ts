import type { SqlType, SqlValue } from "../../session.ts";
import { ByteReader } from "../byte-reader.ts";
import { readTypeInfo, unsupportedType } from "./read-type.ts";
import { readSized, toLengthedValue } from "./read-scalar.ts";
import { WireType } from "./wire-types.ts";

const textTypes = new Map<number, "varchar" | "nvarchar">([
  [WireType.varchar, "varchar"],
  [WireType.char, "varchar"],
  [WireType.nvarchar, "nvarchar"],
  [WireType.nchar, "nvarchar"],
]);
const binaryTypes = new Set<number>([WireType.varbinary, WireType.binary]);

/** A sql_variant (MS-TDS 2.2.5.5.4): whole length, type, properties, value. */
export function readVariant(reader: ByteReader): SqlValue {
  const length = reader.uint32();
  if (length === 0) return null;
  const kind = reader.uint8();
  const properties = reader.raw(reader.uint8());
  const data = reader.raw(length - 2 - properties.length);
  const text = textTypes.get(kind);
  if (text !== undefined)
    return toLengthedValue(data, { sql: { name: text }, collation: properties.subarray(0, 5) });
  if (binaryTypes.has(kind)) return Uint8Array.from(data);
  return readSized(new ByteReader(data), variantType(kind, properties), data.length);
}

/** The properties after the type are those of TYPE_INFO without the size, which the value's own length tells. */
function variantType(kind: number, properties: Buffer): SqlType {
  if (kind === WireType.decimalN || kind === WireType.numericN) {
    return { name: "decimal", precision: properties.readUInt8(0), scale: properties.readUInt8(1) };
  }
  if (kind === WireType.guid) return { name: "uniqueidentifier" };
  const known = new Set<number>([...Object.values(WireType)]);
  if (!known.has(kind)) throw unsupportedType(kind);
  return readTypeInfo(new ByteReader(Buffer.concat([Buffer.from([kind]), properties]))).sql;
}
