import { SqlError, type SqlMessage, type SqlSession } from "../session.ts";
import type { ByteWriter } from "./byte-writer.ts";
import {
  writeCollationChange,
  writeDatabaseChange,
  writeLanguageChange,
  writePacketSizeChange,
  writeRoutingChange,
} from "./env-change.ts";
import { Feature, type Login } from "./login7.ts";
import { DEFAULT_PACKET_SIZE } from "./packets.ts";
import { type Address, SERVER_VERSION, type ServerContext } from "./server-context.ts";
import {
  Done,
  DoneStatus,
  writeDone,
  writeFeatureAck,
  writeLoginAck,
  writeMessage,
  writeOldError,
} from "./tokens.ts";

export type LoginOutcome =
  | { readonly kind: "accepted"; readonly session: SqlSession }
  | { readonly kind: "refused"; readonly messages: readonly SqlMessage[] };

const LARGEST_PACKET = 32_767;
const SMALLEST_PACKET = 512;
const LANGUAGE = "us_english";
const LOGIN_FAILED = 18456;
const CANNOT_OPEN_DATABASE = 4060;

/** TDS 7.2 (SQL Server 2005) is the first with transactions and (max) types as the stand-in writes them. */
const OLDEST_VERSION = 0x72090002;
/** What 8.0 calls itself sorts before all others (MS-TDS 2.2.6.4). */
const NEWEST_VERSION = 0x08000000;

/** Its answers would be out of step from the first row count on. */
export function isTooOld({ tdsVersion }: Login): boolean {
  return tdsVersion < OLDEST_VERSION && tdsVersion !== NEWEST_VERSION;
}

export function writeTooOld(writer: ByteWriter, { serverName }: ServerContext, { tdsVersion }: Login): void {
  const version = `${tdsVersion >>> 28}.${(tdsVersion >>> 24) & 15}`;
  const message = `The stand-in speaks TDS 7.2 and newer; this client asked for ${version}. Set its version higher (FreeTDS: TDSVER=7.4).`;
  writeOldError(writer, new SqlError(message, { number: 50000 }), serverName);
}

/** Asks the engine. Without a token in the login or after it, user and password count. */
export async function logIn(
  { engine, serverName }: ServerContext,
  login: Login,
  accessToken: string | undefined,
): Promise<LoginOutcome> {
  const { user, password, database, applicationName, hostName } = login;
  const request = { user, password, database, applicationName, hostName };
  try {
    const session = await engine.login(accessToken === undefined ? request : { ...request, accessToken });
    return { kind: "accepted", session };
  } catch (error) {
    return { kind: "refused", messages: refusals(error, serverName, user) };
  }
}

/** SQL Server says 4060 and 18456 both when the database is what is missing. */
function refusals(error: unknown, serverName: string, user: string): readonly SqlMessage[] {
  if (!(error instanceof SqlError)) {
    return [
      new SqlError(`Login failed on ${serverName}: ${String(error)}`, { number: LOGIN_FAILED, class: 14 }),
    ];
  }
  if (error.number !== CANNOT_OPEN_DATABASE) return [error];
  return [error, new SqlError(`Login failed for user '${user}'.`, { number: LOGIN_FAILED, class: 14 })];
}

/** The client's wish, within what the protocol allows; 0 is "as you like". */
export function agreeOnPacketSize(wished: number): number {
  return wished === 0 ? DEFAULT_PACKET_SIZE : Math.min(LARGEST_PACKET, Math.max(SMALLEST_PACKET, wished));
}

/** All that a client must learn before its first request (MS-TDS 2.2.7: the login response). */
export function writeLoginAccepted(
  writer: ByteWriter,
  { serverName }: ServerContext,
  login: Login,
  { database }: SqlSession,
): void {
  const inform = (number: number, state: number, message: string): void => {
    writeMessage(writer, "info", { number, class: 0, state, message, line: 1, procedure: "" }, serverName);
  };
  writeDatabaseChange(writer, database, "master");
  inform(5701, 2, `Changed database context to '${database}'.`);
  writeCollationChange(writer);
  writeLanguageChange(writer, LANGUAGE);
  inform(5703, 1, `Changed language setting to ${LANGUAGE}.`);
  writeLoginAck(writer, login.tdsVersion, SERVER_VERSION);
  writePacketSizeChange(writer, agreeOnPacketSize(login.packetSize), DEFAULT_PACKET_SIZE);
  writeFeatures(writer, login);
  writeDone(writer, { kind: Done.statement, status: 0, rows: undefined, select: false });
}

/** Accepted, but not here (MS-TDS 2.2.7.9, type 20). */
export function writeRedirect(writer: ByteWriter, login: Login, to: Address): void {
  writeLoginAck(writer, login.tdsVersion, SERVER_VERSION);
  writeRoutingChange(writer, to);
  writeFeatures(writer, login);
  writeDone(writer, { kind: Done.statement, status: 0, rows: undefined, select: false });
}

function writeFeatures(writer: ByteWriter, { features, fedAuth }: Login): void {
  const accepted: { id: number; data: Uint8Array }[] = [];
  if (fedAuth !== undefined) accepted.push({ id: Feature.fedAuth, data: new Uint8Array(0) });
  if (features.includes(Feature.utf8)) accepted.push({ id: Feature.utf8, data: Uint8Array.of(1) });
  if (accepted.length > 0) writeFeatureAck(writer, accepted);
}

export function writeLoginRefused(
  writer: ByteWriter,
  { serverName }: ServerContext,
  messages: readonly SqlMessage[],
): void {
  for (const message of messages) writeMessage(writer, "error", message, serverName);
  writeDone(writer, { kind: Done.statement, status: DoneStatus.error, rows: undefined, select: false });
}
