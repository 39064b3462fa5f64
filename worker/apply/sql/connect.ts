import type { ConnectionConfiguration } from "tedious";
import { createSession, type SqlSession } from "./session.ts";
import { SqlFault } from "./sql-fault.ts";
import { ResumingConnection } from "./tls/resuming-connection.ts";
import { TlsSessions } from "./tls/tls-sessions.ts";
import { type ServerMessage, toConnectFault } from "./to-sql-fault.ts";

/** How to log in. */
export type SqlAuth =
  | { readonly kind: "Password"; readonly userName: string; readonly password: string }
  | { readonly kind: "ManagedIdentity"; readonly token: () => Promise<string> };

interface SqlAddress {
  readonly host: string;
  /** Absent: 1433, or what the SQL Browser says about the instance. */
  readonly port?: number | undefined;
  readonly instance?: string | undefined;
}

export interface SqlLogin {
  readonly server: SqlAddress;
  readonly database: string;
  readonly auth: SqlAuth;
  /** strict: TLS before the first packet (TDS 8.0). mandatory, the default: TLS inside PRELOGIN packets (TDS 7.4). */
  readonly encrypt?: "mandatory" | "strict";
  /** Not with strict, which always validates. A choice of the operator's, for servers with a certificate nobody vouches for; off everywhere else. */
  readonly trustServerCertificate?: boolean;
}

/** Milliseconds from the first packet to the end of the login. A paused serverless database answers 40613 sooner. */
const connectTimeout = 30_000;
/** Milliseconds the server gets to confirm an attention; after that the connection is given up for lost. */
const cancelTimeout = 10_000;
/**
 * Bytes of a packet, header included; the server may answer with fewer. ADO.NET's default, and SQL Server's limit under
 * encryption is 16,383 (learn.microsoft.com, "Configure the network packet size"). With the driver's 4,096 most of our
 * own batches are two packets, each encrypted and sent by itself.
 */
const packetSize = 8_000;

/** Opens one encrypted connection. @throws SqlFault of phase "connect" */
export type Connect = (login: SqlLogin) => Promise<SqlSession>;

/**
 * Each attempt has a connection of its own: a pool would hide whose locks, transaction and SET options a connection still
 * holds. What they share is the TLS session of their server.
 */
export function createConnect(onNotResumed: OnNotResumed = () => undefined): Connect {
  const sessions = new TlsSessions();
  return (login) => connect(login, sessions, onNotResumed);
}

/** A connection that was offered an earlier TLS session came to nothing, and is made again. */
type OnNotResumed = (host: string, error: unknown) => void;

async function connect(
  login: SqlLogin,
  sessions: TlsSessions,
  onNotResumed: OnNotResumed,
): Promise<SqlSession> {
  const connection = new ResumingConnection(await toConfiguration(login), sessions);
  const said: ServerMessage[] = [];
  const listen = (message: ServerMessage): void => void said.push(message);
  connection.on("errorMessage", listen);
  // A link that breaks between two requests is noticed by the next one; unheard, this event would end the process.
  connection.on("error", () => undefined);
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  } catch (error) {
    connection.close();
    const { offeredTo } = connection;
    if (offeredTo === undefined || said.length > 0) throw toConnectFault(error, said);
    // Nobody may lose a try to our being quick.
    sessions.giveUp(offeredTo);
    onNotResumed(offeredTo.host, error);
    return await connect(login, sessions, onNotResumed);
  } finally {
    connection.off("errorMessage", listen);
  }
  return createSession(connection);
}

async function toConfiguration(login: SqlLogin): Promise<ConnectionConfiguration> {
  const { host, port, instance } = login.server;
  return {
    server: host,
    authentication: await toAuthentication(login.auth),
    options: {
      ...(port === undefined && instance ? { instanceName: instance } : { port: port ?? 1433 }),
      database: login.database,
      appName: "sqlfleet",
      // The login calls itself TDS 7.4 in either mode: as "8_0" tedious 20.3.9 compares versions as numbers, leaves the
      // feature extensions out of LOGIN7, and the access token with them.
      encrypt: login.encrypt === "strict" ? "strict" : true,
      trustServerCertificate: login.trustServerCertificate ?? false,
      connectTimeout,
      cancelTimeout,
      packetSize,
      // tedious stops its own timer at the first byte of an answer; ours (run-request.ts) spans the whole request.
      requestTimeout: 0,
      // Retries are counted and reported, so they are ours to make.
      maxRetriesOnTransientErrors: 0,
      useColumnNames: false,
      rowCollectionOnDone: false,
      rowCollectionOnRequestCompletion: false,
    },
  };
}

async function toAuthentication(
  auth: SqlAuth,
): Promise<NonNullable<ConnectionConfiguration["authentication"]>> {
  switch (auth.kind) {
    case "Password":
      return { type: "default", options: { userName: auth.userName, password: auth.password } };
    case "ManagedIdentity":
      return { type: "azure-active-directory-access-token", options: { token: await readToken(auth.token) } };
  }
}

async function readToken(token: () => Promise<string>): Promise<string> {
  try {
    return await token();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const facts = { kind: "noToken", phase: "connect" } as const;
    throw new SqlFault(`No access token for SQL Server: ${reason}`, facts, { cause: error });
  }
}
