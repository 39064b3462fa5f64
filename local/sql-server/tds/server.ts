import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { type Clock, systemClock } from "../../part.ts";
import type { SqlEngine } from "../session.ts";
import { Connection } from "./connection.ts";
import { createCounters, type CountersRecorder } from "./counters.ts";
import { createFaults, type Faults } from "./faults.ts";
import type {
  Address,
  EncryptionSetting,
  SecureContexts,
  ServerContext,
  TokenIssuer,
} from "./server-context.ts";

export interface TdsServerOptions {
  readonly engine: SqlEngine;
  /** 0, the default: any free one. */
  readonly port?: number;
  /** What @@SERVERNAME says and error messages carry. */
  readonly serverName: string;
  /** PEM. Without it nothing can be encrypted. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Default with `tls`: "optional". */
  readonly encryption?: EncryptionSetting;
  /** Where clients without an Entra token are told to get one. Default: Azure's public cloud. */
  readonly tokenIssuer?: TokenIssuer;
  /** Sends every client on, whoever it is, as Azure SQL's gateway does with the connection policy "redirect". */
  readonly redirectTo?: Address;
  readonly faults?: Faults;
  readonly clock?: Clock;
}

export interface TdsServer {
  readonly port: number;
  /** Host and port. */
  readonly address: string;
  readonly faults: Faults;
  readonly counters: Pick<CountersRecorder, "read" | "reset">;
  /** Cuts every connection, waits until their sessions are closed, and stops listening. The engine stays open. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const AZURE: TokenIssuer = {
  stsUrl: "https://login.microsoftonline.com/common",
  spn: "https://database.windows.net/",
};

/**
 * Speaks TDS 7.4 (and 8.0 when TLS is offered) on loopback and has `engine` execute what clients ask.
 * @throws Error when the port is taken, or encryption is asked for without `tls`.
 */
export async function startTdsServer(options: TdsServerOptions): Promise<TdsServer> {
  const context = toContext(options);
  const connections = new Set<Connection>();
  const server = createServer((socket) => {
    accept(context, connections, socket);
  });
  await listen(server, options.port ?? 0);
  const port = portOf(server);
  return {
    port,
    address: `${HOST}:${port}`,
    faults: context.faults,
    counters: context.counters,
    stop: () => stop(server, connections),
  };
}

function toContext(options: TdsServerOptions): ServerContext {
  const { tls } = options;
  const encryption = options.encryption ?? (tls === undefined ? "off" : "optional");
  if (encryption !== "off" && tls === undefined) throw new Error("Encryption needs a key and a certificate.");
  return {
    engine: options.engine,
    serverName: options.serverName,
    encryption,
    secureContexts: encryption === "off" || tls === undefined ? undefined : toSecureContexts(tls),
    tokenIssuer: options.tokenIssuer ?? AZURE,
    redirectTo: options.redirectTo,
    faults: options.faults ?? createFaults(),
    counters: createCounters(),
    clock: options.clock ?? systemClock,
  };
}

function toSecureContexts(tls: { readonly key: string; readonly cert: string }): SecureContexts {
  return {
    inPackets: createSecureContext({ ...tls, maxVersion: "TLSv1.2" }),
    strict: createSecureContext({ ...tls, minVersion: "TLSv1.2" }),
  };
}

function accept(context: ServerContext, connections: Set<Connection>, socket: Socket): void {
  const { counters, faults } = context;
  const facts = { stage: "connect", database: "", applicationName: "", request: "", text: "" } as const;
  if (faults.strike(facts)?.kind === "cut") {
    socket.resetAndDestroy();
    return;
  }
  const connection = new Connection(context, socket);
  connections.add(connection);
  counters.connected();
  const forget = (): void => {
    connections.delete(connection);
    counters.disconnected();
  };
  connection.closed.then(forget, forget);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("The server does not listen on a port.");
  return address.port;
}

async function stop(server: Server, connections: ReadonlySet<Connection>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  const sessions = [...connections].map((connection) => {
    connection.cut();
    return connection.closed;
  });
  await Promise.all(sessions);
  await closed;
}
