import type { ByteWriter } from "./byte-writer.ts";
import type { Address } from "./server-context.ts";
import { COLLATION } from "./types/text.ts";

const ENV_CHANGE = 0xe3;
const Change = {
  database: 1,
  language: 2,
  packetSize: 4,
  collation: 7,
  began: 8,
  committed: 9,
  rolledBack: 10,
} as const;
const RESET_DONE = 18;
const ROUTING = 20;
const NOTHING = new Uint8Array(0);

/** ENVCHANGE: what the client must know of its connection's state (MS-TDS 2.2.7.9). */
export function writeDatabaseChange(writer: ByteWriter, to: string, from: string): void {
  writeTextChange(writer, Change.database, to, from);
}

export function writeLanguageChange(writer: ByteWriter, language: string): void {
  writeTextChange(writer, Change.language, language, "");
}

export function writePacketSizeChange(writer: ByteWriter, to: number, from: number): void {
  writeTextChange(writer, Change.packetSize, String(to), String(from));
}

export function writeCollationChange(writer: ByteWriter): void {
  writeBytesChange(writer, Change.collation, COLLATION, NOTHING);
}

/** The descriptor names the transaction in the headers of the client's next requests. */
export function writeTransactionChange(
  writer: ByteWriter,
  change: "began" | "committed" | "rolledBack",
  descriptor: Uint8Array,
): void {
  if (change === "began") writeBytesChange(writer, Change.began, descriptor, NOTHING);
  else writeBytesChange(writer, Change[change], NOTHING, descriptor);
}

export function writeResetDone(writer: ByteWriter): void {
  writeBytesChange(writer, RESET_DONE, NOTHING, NOTHING);
}

/** Tells the client to log in elsewhere; the one change whose lengths have 2 bytes. Protocol 0 is TCP. */
export function writeRoutingChange(writer: ByteWriter, { server, port }: Address): void {
  const route = 1 + 2 + 2 + server.length * 2;
  writer.uint8(ENV_CHANGE).uint16(1 + 2 + route + 2);
  writer.uint8(ROUTING).uint16(route).uint8(0).uint16(port).longText(server).uint16(0);
}

function writeTextChange(writer: ByteWriter, change: number, to: string, from: string): void {
  writer.uint8(ENV_CHANGE).uint16(3 + (to.length + from.length) * 2);
  writer.uint8(change).shortText(to).shortText(from);
}

function writeBytesChange(writer: ByteWriter, change: number, to: Uint8Array, from: Uint8Array): void {
  writer.uint8(ENV_CHANGE).uint16(3 + to.length + from.length);
  writer.uint8(change).shortBytes(to).shortBytes(from);
}
