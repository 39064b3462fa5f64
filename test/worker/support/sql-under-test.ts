import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mssql from "mssql";
import { createSqlEngine } from "../../../local/sql-server/engine/engine.ts";
import { type TdsServer, startTdsServer } from "../../../local/sql-server/tds/server.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import type { SqlAuth } from "../../../worker/apply/sql/connect.ts";
import { engineProfile } from "../../support/engine-profile.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";

/** A SQL Server to test against: the stand-in, or the real one of the engine profile. */
export interface SqlUnderTest {
  /** As a target names it. */
  readonly server: string;
  readonly auth: SqlAuth;
  /** Only the stand-in can be made to fail, and counts what it is asked. */
  readonly standIn: TdsServer | undefined;
  /** Certificate checks are off only where the connection string says so. */
  readonly connection: RunPlan["connection"];
  /** A new, empty database. @returns its name */
  createDatabase(setupSql: string): Promise<string>;
  query(database: string, sql: string): Promise<readonly Record<string, unknown>[]>;
  stop(): Promise<void>;
}

const user = "fleet";
const password = "Test-Passw0rd!";

/** `encryption` is the stand-in's; a real server has its own. */
export async function startSqlUnderTest(
  encryption: "required" | "strict" = "required",
): Promise<SqlUnderTest> {
  const { connectionString } = engineProfile;
  return connectionString === undefined ? startStandIn(encryption) : useRealServer(connectionString);
}

async function startStandIn(encryption: "required" | "strict"): Promise<SqlUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "sql-under-test-"));
  const engine = createSqlEngine({
    serverName: "srv",
    folder,
    logins: [{ user, password }],
    acceptAccessToken: (token) => (token === engineProfile.accessToken ? "worker" : undefined),
  });
  const tls = await createTrustedCertificates();
  const standIn = await startTdsServer({ serverName: "srv", engine, tls, encryption });
  // @types/mssql does not know what mssql hands on to tedious.
  const encrypt = (encryption === "strict" ? "strict" : true) as boolean;
  const config = { server: "localhost", port: standIn.port, user, password, options: { encrypt } };
  let databases = 0;
  return {
    server: `localhost,${standIn.port}`,
    auth: { kind: "Password", userName: user, password },
    standIn,
    connection: {
      encrypt: encryption === "strict" ? "strict" : "mandatory",
      trustServerCertificate: false,
    },
    createDatabase: async (setupSql) => {
      const name = `db${(databases += 1)}`;
      await engine.createDatabase(name, setupSql);
      return name;
    },
    query: (database, sql) => query({ ...config, database }, sql),
    stop: async () => {
      await standIn.stop();
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function useRealServer(connectionString: string): SqlUnderTest {
  const config = mssql.ConnectionPool.parseConnectionString(connectionString);
  const made: string[] = [];
  return {
    server: config.port === undefined ? config.server : `${config.server},${config.port}`,
    auth: { kind: "Password", userName: config.user ?? "", password: config.password ?? "" },
    standIn: undefined,
    connection: {
      encrypt: "mandatory",
      trustServerCertificate: config.options.trustServerCertificate ?? false,
    },
    createDatabase: async (setupSql) => {
      const name = `sqlfleet_test_${process.pid}_${made.length + 1}`;
      made.push(name);
      await query({ ...config, database: "master" }, `CREATE DATABASE [${name}]`);
      await query({ ...config, database: name }, setupSql);
      return name;
    },
    query: (database, sql) => query({ ...config, database }, sql),
    stop: async () => {
      for (const name of made) await query({ ...config, database: "master" }, `DROP DATABASE [${name}]`);
    },
  };
}

async function query(config: mssql.config, sql: string): Promise<readonly Record<string, unknown>[]> {
  const pool = await new mssql.ConnectionPool({ ...config, pool: { max: 1 } }).connect();
  try {
    const result = await pool.query<Record<string, unknown>>(sql);
    return (result.recordsets as Record<string, unknown>[][])[0] ?? [];
  } finally {
    await pool.close();
  }
}
