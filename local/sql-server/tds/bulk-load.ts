import type { SqlType, SqlValue } from "../session.ts";
import { ByteReader } from "./byte-reader.ts";
import { type ReadType, readTypeInfo } from "./types/read-type.ts";
import { readValue } from "./types/read-value.ts";

/** What `INSERT BULK` announces: where the rows of the bulk load message that follows go. */
export interface BulkLoadTarget {
  readonly table: string;
}

/** A bulk load message (MS-TDS 2.2.6.1): columns and rows, as a server would send them. */
export interface BulkLoad {
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly rows: readonly (readonly SqlValue[])[];
}

const INSERT_BULK = /^\s*INSERT\s+BULK\s+((?:\[(?:[^\]]|\]\])*\]|"[^"]*"|[^\s("[])+)\s*\(/i;
const Token = { columns: 0x81, row: 0xd1, rowWithNulls: 0xd2 } as const;

/** Undefined when the batch is no `INSERT BULK`. Its column list is repeated by the message itself. */
export function parseInsertBulk(batch: string): BulkLoadTarget | undefined {
  const table = INSERT_BULK.exec(batch)?.[1];
  return table === undefined ? undefined : { table };
}

/**
 * @throws SqlError 50000 for a type the stand-in does not take.
 * @throws RangeError when the message is no bulk load.
 */
export function decodeBulkLoad(payload: Buffer): BulkLoad {
  const reader = new ByteReader(payload);
  if (reader.uint8() !== Token.columns) throw new RangeError("A bulk load begins with its columns.");
  const columns = Array.from({ length: reader.uint16() }, () => readColumn(reader));
  const rows: (readonly SqlValue[])[] = [];
  while (reader.remaining > 0) {
    const token = reader.uint8();
    if (token !== Token.row && token !== Token.rowWithNulls) break;
    rows.push(readRow(reader, columns, token === Token.rowWithNulls));
  }
  return { columns: columns.map(({ name, type }) => ({ name, type: type.sql })), rows };
}

interface Column {
  readonly name: string;
  readonly type: ReadType;
}

function readColumn(reader: ByteReader): Column {
  reader.uint32();
  reader.uint16();
  const type = readTypeInfo(reader);
  return { name: reader.shortText(), type };
}

function readRow(reader: ByteReader, columns: readonly Column[], withNulls: boolean): readonly SqlValue[] {
  const nulls = withNulls ? reader.raw(Math.ceil(columns.length / 8)) : undefined;
  return columns.map(({ type }, index) => {
    const isNull = nulls !== undefined && (nulls.readUInt8(index >> 3) & (1 << (index & 7))) !== 0;
    return isNull ? null : readValue(reader, type);
  });
}
