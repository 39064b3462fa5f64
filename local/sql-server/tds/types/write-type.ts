import type { SqlType } from "../../session.ts";
import type { ByteWriter } from "../byte-writer.ts";
import { decimalBytes } from "./decimal.ts";
import { COLLATION } from "./text.ts";
import {
  DEFAULT_PRECISION,
  DEFAULT_TIME_SCALE,
  LONGEST_BYTES,
  MAX_LENGTH,
  sizedTypes,
  VARIANT_BYTES,
  WireType,
} from "./wire-types.ts";

type TypeName = SqlType["name"];

const lengthed: Partial<
  Record<TypeName, { readonly kind: number; readonly unit: 1 | 2; readonly text: boolean }>
> = {
  char: { kind: WireType.char, unit: 1, text: true },
  varchar: { kind: WireType.varchar, unit: 1, text: true },
  nchar: { kind: WireType.nchar, unit: 2, text: true },
  nvarchar: { kind: WireType.nvarchar, unit: 2, text: true },
  binary: { kind: WireType.binary, unit: 1, text: false },
  varbinary: { kind: WireType.varbinary, unit: 1, text: false },
};

const scaled: Partial<Record<TypeName, number>> = {
  time: WireType.time,
  datetime2: WireType.datetime2,
  datetimeoffset: WireType.datetimeoffset,
};

/** TYPE_INFO (MS-TDS 2.2.5.6): describes a column or a value. */
export function writeTypeInfo(writer: ByteWriter, type: SqlType, nullable: boolean): void {
  const sized = sizedTypes[type.name];
  if (sized !== undefined) {
    if (!nullable && sized.fixed !== undefined) writer.uint8(sized.fixed);
    else writer.uint8(sized.nullable).uint8(sized.bytes);
    return;
  }
  const variable = lengthed[type.name];
  if (variable !== undefined) {
    writer.uint8(variable.kind).uint16(lengthBytes(type, variable.unit));
    if (variable.text) writer.raw(COLLATION);
    return;
  }
  const time = scaled[type.name];
  if (time !== undefined) writer.uint8(time).uint8(type.scale ?? DEFAULT_TIME_SCALE);
  else writeOtherTypeInfo(writer, type);
}

function writeOtherTypeInfo(
  writer: ByteWriter,
  { name, precision = DEFAULT_PRECISION, scale = 0 }: SqlType,
): void {
  if (name === "date") writer.uint8(WireType.date);
  else if (name === "sql_variant") writer.uint8(WireType.variant).uint32(VARIANT_BYTES);
  else writer.uint8(WireType.numericN).uint8(decimalBytes(precision)).uint8(precision).uint8(scale);
}

/** A type without a length is sent as (max), which holds whatever the engine answers. */
export function isMax({ name, length }: SqlType): boolean {
  return (length === undefined || length === "max") && /^n?varchar$|^varbinary$/.test(name);
}

function lengthBytes(type: SqlType, unit: 1 | 2): number {
  if (isMax(type)) return MAX_LENGTH;
  const { length } = type;
  return typeof length === "number" ? Math.max(1, Math.min(length * unit, LONGEST_BYTES)) : LONGEST_BYTES;
}
