import type { SqlMessage } from "../session.ts";
import type { ByteWriter } from "./byte-writer.ts";

const Token = {
  info: 0xab,
  error: 0xaa,
  loginAck: 0xad,
  featureAck: 0xae,
  fedAuthInfo: 0xee,
  returnStatus: 0x79,
} as const;

/** The three kinds of "a statement ended": in a batch, in a procedure, and the procedure itself. */
export const Done = { statement: 0xfd, procedure: 0xfe, inProcedure: 0xff } as const;
export const DoneStatus = { more: 0x01, error: 0x02, count: 0x10, attention: 0x20, fatal: 0x100 } as const;

/** The longest PRINT; the token's length must stay under 64 KB. */
const LONGEST_MESSAGE = 8000;

/** "Current command", which clients use to tell a SELECT's count from others. */
const Command = { select: 0xc1, other: 0xc3, none: 0x00 } as const;

export interface DoneToken {
  readonly kind: number;
  readonly status: number;
  readonly rows: number | undefined;
  readonly select: boolean;
}

/** DONE, DONEPROC, DONEINPROC (MS-TDS 2.2.7.6). */
export function writeDone(writer: ByteWriter, { kind, status, rows, select }: DoneToken): void {
  const counted = rows === undefined ? Command.none : Command.other;
  writer.uint8(kind).uint16(rows === undefined ? status : status | DoneStatus.count);
  writer.uint16(select ? Command.select : counted).uint64(BigInt(rows ?? 0));
}

/** ERROR or INFO (MS-TDS 2.2.7.10 and 2.2.7.13): the same but for the first byte. */
export function writeMessage(
  writer: ByteWriter,
  kind: "error" | "info",
  message: SqlMessage,
  serverName: string,
): void {
  writer.uint8(Token[kind]);
  const lengthAt = writer.skip(2);
  writer.int32(message.number).uint8(message.state).uint8(message.class);
  writer
    .longText(message.message.slice(0, LONGEST_MESSAGE))
    .shortText(serverName)
    .shortText(message.procedure.slice(0, 255));
  writer.int32(message.line);
  writer.patchUint16(lengthAt, writer.length - lengthAt - 2);
}

/** ERROR and DONE as TDS 7.0 and 7.1 have them: the line number in 2 bytes, the row count in 4. */
export function writeOldError(writer: ByteWriter, message: SqlMessage, serverName: string): void {
  writer.uint8(Token.error);
  const lengthAt = writer.skip(2);
  writer.int32(message.number).uint8(message.state).uint8(message.class);
  writer.longText(message.message).shortText(serverName).shortText("").uint16(message.line);
  writer.patchUint16(lengthAt, writer.length - lengthAt - 2);
  writer.uint8(Done.statement).uint16(DoneStatus.error).uint16(Command.none).uint32(0);
}

/** LOGINACK. The version is the client's, in the byte order the client does not use to send it. */
export function writeLoginAck(writer: ByteWriter, tdsVersion: number, serverVersion: Uint8Array): void {
  const program = "Microsoft SQL Server";
  writer.uint8(Token.loginAck).uint16(10 + program.length * 2);
  writer.uint8(1).uint32BigEndian(tdsVersion).shortText(program).raw(serverVersion.subarray(0, 4));
}

/** FEATUREEXTACK: what the client offered and the server takes. */
export function writeFeatureAck(
  writer: ByteWriter,
  features: readonly { readonly id: number; readonly data: Uint8Array }[],
): void {
  writer.uint8(Token.featureAck);
  for (const { id, data } of features) writer.uint8(id).uint32(data.length).raw(data);
  writer.uint8(0xff);
}

export function writeReturnStatus(writer: ByteWriter, status: number): void {
  writer.uint8(Token.returnStatus).int32(status);
}

/** FEDAUTHINFO: who issues tokens (2 = SPN, 1 = STS URL), each with length and offset from the count. */
export function writeFedAuthInfo(writer: ByteWriter, stsUrl: string, spn: string): void {
  const optionsEnd = 4 + 2 * 9;
  writer.uint8(Token.fedAuthInfo).uint32(optionsEnd + (stsUrl.length + spn.length) * 2);
  writer.uint32(2);
  writer
    .uint8(1)
    .uint32(stsUrl.length * 2)
    .uint32(optionsEnd);
  writer
    .uint8(2)
    .uint32(spn.length * 2)
    .uint32(optionsEnd + stsUrl.length * 2);
  writer.utf16(stsUrl).utf16(spn);
}
