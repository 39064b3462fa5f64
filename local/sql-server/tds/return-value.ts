import type { SqlType, SqlValue } from "../session.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { writeTypeInfo } from "./types/write-type.ts";
import { valueWriter } from "./types/write-value.ts";

const RETURN_VALUE = 0xac;
const OUTPUT_PARAMETER = 0x01;

export interface ReturnValue {
  /** Which parameter of the call, from 0. */
  readonly ordinal: number;
  /** With its @. */
  readonly name: string;
  readonly type: SqlType;
  readonly value: SqlValue;
}

/** RETURNVALUE: an output parameter (MS-TDS 2.2.7.18). */
export function writeReturnValue(writer: ByteWriter, { ordinal, name, type, value }: ReturnValue): void {
  writer.uint8(RETURN_VALUE).uint16(ordinal).shortText(name).uint8(OUTPUT_PARAMETER);
  writer.uint32(0).uint16(0);
  writeTypeInfo(writer, type, true);
  valueWriter(type, true)(writer, value);
}
