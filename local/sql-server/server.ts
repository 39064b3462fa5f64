import type { RunningPart } from "../part.ts";
import { createSqlEngine } from "./engine/engine.ts";
import type { StatementFaults } from "./engine/faults.ts";
import { startTdsServer, type TdsServer, type TdsServerOptions } from "./tds/server.ts";

export interface SqlServerOptions extends Pick<
  TdsServerOptions,
  "serverName" | "port" | "tls" | "encryption" | "tokenIssuer" | "faults" | "clock"
> {
  /** Where the databases' files are. */
  readonly folder: string;
  /** Passwords by user name. */
  readonly logins: Readonly<Record<string, string>>;
  /** The user an Entra access token stands for; undefined refuses it. Default: every token is refused. */
  readonly acceptAccessToken?: (token: string) => string | undefined;
  /** Created when they do not exist yet. */
  readonly databases: readonly string[];
  /** T-SQL run in each of them at every start: it must bear being run again. */
  readonly setupSql?: string;
}

export interface RunningSqlServer extends RunningPart, Pick<TdsServer, "port" | "faults" | "counters"> {
  /** Errors raised by single statements; `faults` are those of connections and whole requests. */
  readonly statementFaults: StatementFaults;
  /** Makes a database, or finds it, and runs T-SQL in it. @throws SqlError of the set-up. */
  createDatabase(name: string, setupSql?: string): Promise<void>;
}

/** Starts a stand-in for SQL Server: a T-SQL subset on SQLite files, spoken to over TDS on 127.0.0.1. */
export async function startSqlServer(options: SqlServerOptions): Promise<RunningSqlServer> {
  const { serverName, folder, logins, acceptAccessToken, databases, setupSql, ...wire } = options;
  const engine = createSqlEngine({
    serverName,
    folder,
    logins: Object.entries(logins).map(([user, password]) => ({ user, password })),
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
    statementFaults: engine.faults,
    createDatabase: (name, setup) => engine.createDatabase(name, setup),
    stop: async () => {
      await server.stop();
      await engine.close();
    },
  };
}
