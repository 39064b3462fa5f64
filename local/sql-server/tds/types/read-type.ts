import { type SqlType, SqlError } from "../../session.ts";
import type { ByteReader } from "../byte-reader.ts";
import { MAX_LENGTH, WireType } from "./wire-types.ts";

/** A type as the client describes it: what the engine sees, and what is needed to read a value of it. */
export interface ReadType {
  readonly kind: number;
  readonly sql: SqlType;
  /** The size in the description; MAX_LENGTH for (max). */
  readonly size: number;
  readonly collation: Buffer | undefined;
}

type TypeName = SqlType["name"];

const fixed = new Map<number, readonly [name: TypeName, bytes: number]>([
  [WireType.null, ["nvarchar", 0]],
  [WireType.tinyint, ["tinyint", 1]],
  [WireType.bit, ["bit", 1]],
  [WireType.smallint, ["smallint", 2]],
  [WireType.int, ["int", 4]],
  [WireType.bigint, ["bigint", 8]],
  [WireType.real, ["real", 4]],
  [WireType.float, ["float", 8]],
  [WireType.smallmoney, ["money", 4]],
  [WireType.money, ["money", 8]],
  [WireType.smalldatetime, ["smalldatetime", 4]],
  [WireType.datetime, ["datetime", 8]],
  [WireType.date, ["date", 3]],
]);

const sized = new Map<number, (size: number) => TypeName>([
  [WireType.intN, (size) => (({ 1: "tinyint", 2: "smallint", 8: "bigint" })[size] ?? "int") as TypeName],
  [WireType.bitN, () => "bit"],
  [WireType.floatN, (size) => (size === 4 ? "real" : "float")],
  [WireType.moneyN, () => "money"],
  [WireType.datetimeN, (size) => (size === 4 ? "smalldatetime" : "datetime")],
  [WireType.guid, () => "uniqueidentifier"],
]);

const lengthed = new Map<number, { readonly name: TypeName; readonly unit: 1 | 2; readonly text: boolean }>([
  [WireType.varbinary, { name: "varbinary", unit: 1, text: false }],
  [WireType.binary, { name: "binary", unit: 1, text: false }],
  [WireType.varchar, { name: "varchar", unit: 1, text: true }],
  [WireType.char, { name: "char", unit: 1, text: true }],
  [WireType.nvarchar, { name: "nvarchar", unit: 2, text: true }],
  [WireType.nchar, { name: "nchar", unit: 2, text: true }],
]);

const scaled = new Map<number, TypeName>([
  [WireType.time, "time"],
  [WireType.datetime2, "datetime2"],
  [WireType.datetimeoffset, "datetimeoffset"],
]);

/** The old large types; the engine sees the (max) type that replaced them. */
const large = new Map<number, TypeName>([
  [WireType.text, "varchar"],
  [WireType.ntext, "nvarchar"],
  [WireType.image, "varbinary"],
]);

/**
 * Reads TYPE_INFO (MS-TDS 2.2.5.6).
 * @throws SqlError 50000 naming a type that the stand-in does not take (table-valued and CLR types).
 */
export function readTypeInfo(reader: ByteReader): ReadType {
  const kind = reader.uint8();
  const simple = fixed.get(kind);
  if (simple !== undefined) return readType(kind, { name: simple[0] }, simple[1]);
  const bySize = sized.get(kind);
  if (bySize !== undefined) {
    const size = reader.uint8();
    return readType(kind, { name: bySize(size) }, size);
  }
  const variable = lengthed.get(kind);
  if (variable !== undefined) return readLengthedType(reader, kind, variable);
  const time = scaled.get(kind);
  if (time !== undefined) return readType(kind, { name: time, scale: reader.uint8() }, 0);
  return readOtherType(reader, kind);
}

function readType(kind: number, sql: SqlType, size: number, collation?: Buffer): ReadType {
  return { kind, sql, size, collation };
}

function readLengthedType(
  reader: ByteReader,
  kind: number,
  { name, unit, text }: { readonly name: TypeName; readonly unit: 1 | 2; readonly text: boolean },
): ReadType {
  const size = reader.uint16();
  const length = size === MAX_LENGTH ? "max" : size / unit;
  return readType(kind, { name, length }, size, text ? reader.raw(5) : undefined);
}

function readOtherType(reader: ByteReader, kind: number): ReadType {
  if (kind === WireType.decimalN || kind === WireType.numericN) {
    const size = reader.uint8();
    return readType(kind, { name: "decimal", precision: reader.uint8(), scale: reader.uint8() }, size);
  }
  if (kind === WireType.variant) return readType(kind, { name: "sql_variant" }, reader.uint32());
  if (kind === WireType.xml) return readXmlType(reader);
  const name = large.get(kind);
  if (name === undefined) throw unsupportedType(kind);
  reader.uint32();
  const collation = kind === WireType.image ? undefined : reader.raw(5);
  return readType(kind, { name, length: "max" }, MAX_LENGTH, collation);
}

/** xml is text to the engine; the name of its schema collection is passed over. */
function readXmlType(reader: ByteReader): ReadType {
  if (reader.uint8() === 1) {
    reader.shortText();
    reader.shortText();
    reader.longText();
  }
  return readType(WireType.xml, { name: "nvarchar", length: "max" }, MAX_LENGTH);
}

export function unsupportedType(kind: number): SqlError {
  const code = kind.toString(16).toUpperCase();
  return new SqlError(`The stand-in does not take parameters of TDS type 0x${code}.`, { number: 50000 });
}
