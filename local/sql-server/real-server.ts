import mssql from "mssql";
import type { Databases } from "./tenant-databases.ts";

/**
 * Makes the tenant databases on a real SQL Server, anew. They stay when the stack stops: dropping databases of a
 * server that is not ours is for its owner to do.
 */
export async function createRealDatabases(
  connectionString: string,
  names: readonly string[],
  setupSql: string,
): Promise<Databases> {
  const config = mssql.ConnectionPool.parseConnectionString(connectionString);
  const master = await new mssql.ConnectionPool({ ...config, database: "master" }).connect();
  try {
    for (const name of names)
      await master.query(`DROP DATABASE IF EXISTS [${name}]; CREATE DATABASE [${name}]`);
  } finally {
    await master.close();
  }
  for (const name of names) {
    const pool = await new mssql.ConnectionPool({ ...config, database: name }).connect();
    await pool.query(setupSql).finally(() => pool.close());
  }
  const server = config.port === undefined ? config.server : `${config.server},${config.port}`;
  return {
    login: { user: config.user ?? "", password: config.password ?? "" },
    servers: [{ server, databases: names }],
    env: {},
    listening: [{ name: `SQL Server (${names.length} databases)`, address: server }],
    stop: () => Promise.resolve(),
  };
}
