import { randomBytes } from "node:crypto";
import sql, { type config, type ConnectionPool } from "mssql";
import { afterAll, beforeAll } from "vitest";

/** Where the server is, and who may log in. The database must exist; the contract adds and drops tables in it. */
export interface SqlServerUnderTest {
  readonly server: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** PEM of the authority to trust; undefined: trust what the server shows. */
  readonly ca: string | undefined;
  stop(): Promise<void>;
}

/** The server while tests run, and what most of them need from it. */
export interface UsedServer {
  readonly facts: SqlServerUnderTest;
  /** One pool for the tests that need nothing special. */
  readonly pool: ConnectionPool;
  /** A pool of its own, closed after the tests. */
  connect(change?: Partial<config>): Promise<ConnectionPool>;
  /** A table's name that nobody else uses; dropped after the tests. */
  newTable(): string;
}

export function useServer(start: () => Promise<SqlServerUnderTest>): UsedServer {
  let facts: SqlServerUnderTest | undefined;
  const pools: ConnectionPool[] = [];
  const tables: string[] = [];
  const started = (): SqlServerUnderTest => {
    if (facts === undefined) throw new Error("The server has not started.");
    return facts;
  };
  const connect = async (change: Partial<config> = {}): Promise<ConnectionPool> => {
    const pool = await new sql.ConnectionPool({ ...toConfig(started()), ...change }).connect();
    pools.push(pool);
    return pool;
  };
  const first = (): ConnectionPool => {
    const [pool] = pools;
    if (pool === undefined) throw new Error("No pool is connected.");
    return pool;
  };

  beforeAll(async () => {
    facts = await start();
    await connect();
  });
  afterAll(async () => {
    for (const table of tables) await first().request().batch(`DROP TABLE IF EXISTS ${table}`);
    await Promise.all(pools.map((pool) => pool.close()));
    await facts?.stop();
  });

  return {
    get facts() {
      return started();
    },
    get pool() {
      return first();
    },
    connect,
    newTable() {
      const name = `dbo.Contract_${randomBytes(6).toString("hex")}`;
      tables.push(name);
      return name;
    },
  };
}

export function toConfig({ server, port, user, password, database, ca }: SqlServerUnderTest): config {
  return {
    server,
    port,
    user,
    password,
    database,
    pool: { max: 4 },
    requestTimeout: 20_000,
    options: {
      encrypt: true,
      trustServerCertificate: ca === undefined,
      ...(ca !== undefined && { cryptoCredentialsDetails: { ca } }),
    },
  };
}
