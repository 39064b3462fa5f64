import { type IsolationLevel, SqlError, type SqlParameter } from "../session.ts";
import { type BulkLoad, type BulkLoadTarget, decodeBulkLoad, parseInsertBulk } from "./bulk-load.ts";
import { ByteReader } from "./byte-reader.ts";
import { type Message, MessageType } from "./packets.ts";
import { readTypeInfo } from "./types/read-type.ts";
import { readValue } from "./types/read-value.ts";

/** One call in an RPC message; a message may hold several. */
export interface ProcedureCall {
  readonly name: string;
  readonly parameters: readonly SqlParameter[];
}

export type TransactionRequest =
  | { readonly kind: "begin"; readonly isolation: IsolationLevel; readonly name: string }
  | { readonly kind: "commit" | "rollback" | "save"; readonly name: string; readonly next?: NextTransaction };

/** What a client may ask once it is logged in. */
export type ClientRequest =
  | { readonly kind: "batch"; readonly text: string }
  | { readonly kind: "calls"; readonly calls: readonly ProcedureCall[] }
  | { readonly kind: "transaction"; readonly request: TransactionRequest }
  /** A batch that announces a bulk load, and the load itself. */
  | { readonly kind: "insertBulk"; readonly target: BulkLoadTarget }
  | { readonly kind: "bulkLoad"; readonly load: BulkLoad }
  /** The client took it back while sending it. */
  | { readonly kind: "ignored" }
  /** What the stand-in does not take, and the error that says so. */
  | { readonly kind: "refused"; readonly error: SqlError };

/** A commit or rollback may begin the next transaction at once. */
interface NextTransaction {
  readonly isolation: IsolationLevel;
  readonly name: string;
}

const wellKnownProcedures = new Map([
  [10, "sp_executesql"],
  [11, "sp_prepare"],
  [12, "sp_execute"],
  [13, "sp_prepexec"],
  [15, "sp_unprepare"],
]);

const ParameterStatus = { byReference: 0x01 } as const;
const PROCEDURE_BY_NUMBER = 0xffff;
/** What separates calls, where a parameter would begin. */
const separators = new Set([0x80, 0xfe, 0xff]);

const operations = new Map<number, "begin" | "commit" | "rollback" | "save">([
  [5, "begin"],
  [7, "commit"],
  [8, "rollback"],
  [9, "save"],
]);

const isolationLevels: readonly IsolationLevel[] = [
  "readCommitted",
  "readUncommitted",
  "readCommitted",
  "repeatableRead",
  "serializable",
  "snapshot",
];

/** @throws RangeError when the message is not what its type says: the connection cannot go on. */
export function decodeRequest(message: Message): ClientRequest {
  try {
    return message.ignored ? { kind: "ignored" } : decodeMessage(message);
  } catch (error) {
    if (error instanceof SqlError) return { kind: "refused", error };
    throw error;
  }
}

function decodeMessage({ type, payload }: Message): ClientRequest {
  if (type === MessageType.batch) return toBatch(decodeBatch(payload));
  if (type === MessageType.rpc) return { kind: "calls", calls: decodeRpc(payload) };
  if (type === MessageType.transactionManager) {
    return { kind: "transaction", request: decodeTransactionRequest(payload) };
  }
  if (type === MessageType.bulkLoad) return { kind: "bulkLoad", load: decodeBulkLoad(payload) };
  throw new SqlError(`The stand-in does not take TDS messages of type ${type}.`, { number: 50000 });
}

function toBatch(text: string): ClientRequest {
  const target = parseInsertBulk(text);
  return target === undefined ? { kind: "batch", text } : { kind: "insertBulk", target };
}

/** Requests begin with headers (the transaction's descriptor, notifications) that one server does not need. */
function skipHeaders(payload: Buffer): ByteReader {
  const reader = new ByteReader(payload);
  reader.seek(payload.readUInt32LE(0));
  return reader;
}

/** SQLBATCH (MS-TDS 2.2.6.7). */
function decodeBatch(payload: Buffer): string {
  const reader = skipHeaders(payload);
  return reader.utf16(reader.remaining);
}

/** RPC (MS-TDS 2.2.6.6). */
function decodeRpc(payload: Buffer): readonly ProcedureCall[] {
  const reader = skipHeaders(payload);
  const calls: ProcedureCall[] = [];
  while (reader.remaining > 0) {
    const name = readProcedureName(reader);
    reader.uint16();
    calls.push({ name, parameters: readParameters(reader) });
  }
  return calls;
}

function readProcedureName(reader: ByteReader): string {
  const length = reader.uint16();
  if (length !== PROCEDURE_BY_NUMBER) return reader.utf16(length * 2);
  const number = reader.uint16();
  return wellKnownProcedures.get(number) ?? `procedure number ${number}`;
}

function readParameters(reader: ByteReader): readonly SqlParameter[] {
  const parameters: SqlParameter[] = [];
  while (reader.remaining > 0) {
    const nameLength = reader.uint8();
    if (separators.has(nameLength)) break;
    const name = reader.utf16(nameLength * 2);
    const output = (reader.uint8() & ParameterStatus.byReference) !== 0;
    const type = readTypeInfo(reader);
    parameters.push({ name, output, type: type.sql, value: readValue(reader, type) });
  }
  return parameters;
}

/** Transaction manager request (MS-TDS 2.2.6.9). */
function decodeTransactionRequest(payload: Buffer): TransactionRequest {
  const reader = skipHeaders(payload);
  const kind = operations.get(reader.uint16());
  if (kind === undefined) {
    throw new SqlError("The stand-in does not do distributed transactions.", { number: 50000 });
  }
  if (kind === "begin") return { kind, ...readNextTransaction(reader) };
  const name = reader.utf16(reader.uint8());
  const beginsNext = kind !== "save" && reader.remaining > 0 && (reader.uint8() & 1) !== 0;
  return beginsNext ? { kind, name, next: readNextTransaction(reader) } : { kind, name };
}

/** Level 0 means "as before", which is read committed for a connection that never said otherwise. */
function readNextTransaction(reader: ByteReader): NextTransaction {
  const isolation = isolationLevels[reader.uint8()] ?? "readCommitted";
  return { isolation, name: reader.utf16(reader.uint8()) };
}
