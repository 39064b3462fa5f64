import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { startChild } from "../child.ts";
import type { SqlChildOptions, SqlChildReady, SqlTokens } from "./child.ts";
import { createOrderedFaults } from "./fault-orders.ts";
import { createRealDatabases } from "./real-server.ts";
import type { Databases } from "./tenant-databases.ts";

export interface DatabasesOptions {
  readonly databases: number;
  readonly servers: number;
  /** First port of the stand-ins; 0 = any free ones. */
  readonly sqlPort: number;
  /** Connection string of a real SQL Server to use instead. */
  readonly sql?: string;
  readonly folder: string;
  readonly tls: { readonly key: string; readonly cert: string };
  readonly setupSql: string;
  /** Entra identities that may log in; a real server has its own. */
  readonly tokens?: SqlTokens;
  readonly onFailure: (reason: string) => void;
}

/** The tenants' databases, spread evenly over the servers: `tenant0001` to `tenantNNNN`. */
export async function startDatabases(options: DatabasesOptions): Promise<Databases> {
  const names = Array.from(
    { length: options.databases },
    (_, index) => `tenant${String(index + 1).padStart(4, "0")}`,
  );
  if (options.sql !== undefined) return createRealDatabases(options.sql, names, options.setupSql);
  const perServer = Math.ceil(names.length / options.servers);
  const servers = Array.from({ length: options.servers }, (_, index) => ({
    name: `sql${index + 1}`,
    databases: names.slice(index * perServer, (index + 1) * perServer),
  }));
  return startStandIns(options, servers);
}

async function startStandIns(
  options: DatabasesOptions,
  servers: SqlChildOptions["servers"],
): Promise<Databases> {
  const login = { user: "fleet", password: `Local-${randomBytes(18).toString("base64url")}` };
  const { folder, tls, setupSql, tokens, sqlPort: port } = options;
  const told = { servers, port, folder, login, tls, setupSql, ...(tokens && { tokens }) };
  const faults = createOrderedFaults((message) => {
    child.send(message);
  });
  const child = await startChild<SqlChildReady>({
    module: fileURLToPath(new URL("child.ts", import.meta.url)),
    env: {
      SQL_OPTIONS: JSON.stringify(told satisfies SqlChildOptions),
    },
    readyMilliseconds: 120_000,
    onMessage: (message) => {
      faults.receive(message);
    },
    onUnexpectedExit: (reason) => {
      options.onFailure(`The SQL Server stand-in ended: ${reason}`);
    },
  });
  const addresses = child.ready.ports.map((port) => `localhost,${port}`);
  return {
    ...{ login, faults },
    servers: servers.map(({ databases }, index) => ({ server: addresses[index] ?? "", databases })),
    env: {},
    listening: servers.map(({ databases }, index) => ({
      name: `SQL Server (${databases.length} databases)`,
      address: addresses[index] ?? "",
    })),
    stop: () => child.stop(),
  };
}
