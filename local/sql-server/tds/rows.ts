import type { SqlColumn, SqlValue } from "../session.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { writeTypeInfo } from "./types/write-type.ts";
import { valueWriter } from "./types/write-value.ts";

const Token = { columns: 0x81, row: 0xd1, rowWithNulls: 0xd2 } as const;
const Flag = { nullable: 0x01, caseInsensitive: 0x02, updatable: 0x08, identity: 0x10 } as const;

/** COLMETADATA (MS-TDS 2.2.7.4). */
export function writeColumns(writer: ByteWriter, columns: readonly SqlColumn[]): void {
  writer.uint8(Token.columns).uint16(columns.length);
  for (const column of columns) {
    const identity = column.identity === true ? Flag.identity : 0;
    writer.uint32(0).uint16((column.nullable ? Flag.nullable : 0) | Flag.updatable | identity);
    writeTypeInfo(writer, column.type, column.nullable);
    writer.shortText(column.name);
  }
}

/**
 * How rows of these columns are written: ROW (MS-TDS 2.2.7.19), or NBCROW (2.2.7.14), whose bits at the front
 * say which columns are NULL, when there is a NULL.
 * @throws RangeError when a row is not as long as the columns, or a value does not fit its type.
 */
export function rowWriter(
  columns: readonly SqlColumn[],
): (writer: ByteWriter, values: readonly SqlValue[]) => void {
  const writers = columns.map(({ type, nullable }) => valueWriter(type, nullable));
  return (writer, values) => {
    if (values.length !== writers.length) {
      throw new RangeError(`A row of ${values.length} values for ${writers.length} columns.`);
    }
    const hasNull = values.includes(null);
    writer.uint8(hasNull ? Token.rowWithNulls : Token.row);
    if (hasNull) writeNullBits(writer, values);
    writers.forEach((write, index) => {
      const value = values[index] ?? null;
      if (value !== null) write(writer, value);
    });
  };
}

function writeNullBits(writer: ByteWriter, values: readonly SqlValue[]): void {
  for (let from = 0; from < values.length; from += 8) {
    let bits = 0;
    for (let bit = 0; bit < 8; bit++) if (values[from + bit] === null) bits |= 1 << bit;
    writer.uint8(bits);
  }
}
