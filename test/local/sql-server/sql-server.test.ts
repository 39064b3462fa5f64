import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sql from "mssql";
import { createLocalCertificates } from "../../../local/certificates.ts";
import { startSqlServer } from "../../../local/sql-server/server.ts";
import { sqlServerContract } from "../../services/contract/sql-server.ts";
import type { SqlServerUnderTest } from "../../services/contract/sql-server/server-under-test.ts";

/** A connection string to a real SQL Server, whose database the contract may use, instead of the stand-in. */
const real = process.env["SQLFLEET_TEST_SQL"];

sqlServerContract(real === undefined ? startStandIn : () => useReal(real));

async function startStandIn(): Promise<SqlServerUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "sqlfleet-sql-"));
  const { ca, key, cert } = await createLocalCertificates();
  const login = { user: "sa", password: "Str0ng Pässw0rd!" };
  const server = await startSqlServer({
    serverName: "standin",
    folder,
    logins: { [login.user]: login.password },
    tls: { key, cert },
    databases: ["orders"],
  });
  return {
    ...login,
    server: "localhost",
    port: server.port,
    database: "orders",
    ca,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

function useReal(connectionString: string): Promise<SqlServerUnderTest> {
  const { server, port, user, password, database } =
    sql.ConnectionPool.parseConnectionString(connectionString);
  return Promise.resolve({
    server,
    port: port ?? 1433,
    user: user ?? "",
    password: password ?? "",
    database: database ?? "",
    ca: undefined,
    stop: () => Promise.resolve(),
  });
}
