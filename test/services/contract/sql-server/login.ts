import { expect, it } from "vitest";
import { batch, close, connect } from "../../../local/sql-server/support/tedious-client.ts";
import { toConfig, type UsedServer } from "./server-under-test.ts";

export function login(server: UsedServer): void {
  it("opens the database asked for", async () => {
    const { recordset } = await server.pool.request().query<{ name: string }>("SELECT DB_NAME() AS name");
    expect(recordset).toEqual([{ name: server.facts.database }]);
  });

  it("opens master when none is asked for", async () => {
    const { user, password, ...where } = server.facts;
    const connection = await connect({
      server: where.server,
      port: where.port,
      user,
      password,
      options: { ...toConfig(server.facts).options },
    });
    const { sets } = await batch(connection, "SELECT DB_NAME()");
    await close(connection);
    expect(sets).toEqual([[["master"]]]);
  });

  it("refuses a wrong password and an unknown user", async () => {
    await expect(server.connect({ password: "wrong" })).rejects.toMatchObject({ code: "ELOGIN" });
    await expect(server.connect({ user: "nobody_here" })).rejects.toMatchObject({ code: "ELOGIN" });
  });

  it("refuses a database that does not exist", async () => {
    await expect(server.connect({ database: "No such database" })).rejects.toMatchObject({ code: "ELOGIN" });
  });

  it.each([true, false])("works with encryption %s", async (encrypt) => {
    const options = { ...toConfig(server.facts).options, encrypt };
    const pool = await server.connect({ options });
    const { recordset } = await pool.request().query<{ one: number }>("SELECT 1 AS one");
    expect(recordset).toEqual([{ one: 1 }]);
  });

  it("shows a certificate that is checked", async () => {
    const options = { encrypt: true, trustServerCertificate: false };
    await expect(server.connect({ options })).rejects.toMatchObject({ code: "ESOCKET" });
  });

  it("says who it is", async () => {
    const { recordset } = await server.pool
      .request()
      .query<{ name: string; version: string; spid: number }>(
        "SELECT @@SERVERNAME AS name, @@VERSION AS version, @@SPID AS spid",
      );
    expect(recordset[0]).toEqual({
      name: expect.any(String) as string,
      version: expect.stringContaining("Microsoft SQL") as string,
      spid: expect.any(Number) as number,
    });
  });
}
