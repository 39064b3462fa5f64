import type { RunningPart } from "../part.ts";
import { createSqlEngine } from "./engine/engine.ts";
import { startTdsServer, type TdsServer, type TdsServerOptions } from "./tds/server.ts";

export interface SqlServerOptions extends Pick<
  TdsServerOptions,
  "serverName" | "port" | "tls" | "encryption" | "tokenIssuer" | "faults" | "clock"
> {
  /** Where the databases' files are. */
  readonly folder: string;
  /** Passwords by user name. */
  readonly logins: Readonly<Record<string, string>>;
  /** Whether an Entra access token opens the door. Default: none does. */
  readonly acceptAccessToken?: (token: string) => boolean;
  /** Created when they do not exist yet. */
  readonly databases: readonly string[];
  /** T-SQL run in each of them once, when it is created. */
  readonly setupSql?: string;
}

export interface RunningSqlServer extends RunningPart, Pick<TdsServer, "port" | "faults" | "counters"> {
  /** @param setupSql T-SQL run in the new database once. */
  createDatabase(name: string, setupSql?: string): Promise<void>;
}

/** Starts a stand-in for SQL Server: a T-SQL subset on SQLite files, spoken to over TDS on 127.0.0.1. */
export async function startSqlServer(options: SqlServerOptions): Promise<RunningSqlServer> {
  const { serverName, folder, logins, acceptAccessToken, databases, setupSql, ...wire } = options;
  const engine = await createSqlEngine({
    serverName,
    folder,
    logins,
    ...(acceptAccessToken !== undefined && { acceptAccessToken }),
  });
  for (const name of databases) await engine.createDatabase(name, setupSql);
  const server = await startTdsServer({ ...wire, serverName, engine });
  return {
    env: {},
    listening: [{ name: `SQL Server ${serverName}`, address: server.address }],
    port: server.port,
    faults: server.faults,
    counters: server.counters,
    createDatabase: async (name, setup) => {
      await engine.createDatabase(name, setup);
    },
    stop: async () => {
      await server.stop();
      await engine.close();
    },
  };
}
