import { randomBytes } from "node:crypto";
import type { ConnectionPool } from "mssql";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { UsedServer } from "./server-under-test.ts";

/** What a login that is no administrator may do in the database, and how the server says no. */
export function rights(server: UsedServer): void {
  const user = `contract_${randomBytes(6).toString("hex")}`;
  const password = `Lim1ted-${randomBytes(9).toString("base64url")}`;
  let limited: ConnectionPool;

  beforeAll(async () => {
    await server.pool.batch(`CREATE LOGIN ${user} WITH PASSWORD = '${password}';`);
    await server.pool.batch(`CREATE USER ${user} FOR LOGIN ${user};`);
    limited = await server.connect({ user, password });
  });
  afterAll(async () => {
    await limited.close();
    await server.pool.batch(`DROP USER ${user}; DROP LOGIN ${user};`);
  });

  /** @returns the table's name without its schema */
  async function createTable(): Promise<{ readonly name: string; readonly bare: string }> {
    const name = server.newTable();
    await server.pool.batch(`CREATE TABLE ${name} (Id int NOT NULL);`);
    return { name, bare: name.replace("dbo.", "") };
  }

  it("refuses what was not granted, with the object's name", async () => {
    const { name, bare } = await createTable();
    const message = `The INSERT permission was denied on the object '${bare}', database '${server.facts.database}', schema 'dbo'.`;
    const insert = `INSERT INTO ${name} VALUES (1);`;
    await expect(limited.batch(insert)).rejects.toMatchObject({ number: 229, class: 14, message });
    await server.pool.batch(`GRANT INSERT ON ${name} TO ${user};`);
    await limited.batch(insert);
    await expect(limited.batch(`SELECT Id FROM ${name};`)).rejects.toMatchObject({ number: 229 });
  });

  it("refuses to make a table", async () => {
    const message = `CREATE TABLE permission denied in database '${server.facts.database}'.`;
    const create = `CREATE TABLE ${server.newTable()} (Id int);`;
    await expect(limited.batch(create)).rejects.toMatchObject({ number: 262, class: 14, message });
  });

  it("tells what it may by HAS_PERMS_BY_NAME", async () => {
    const { name } = await createTable();
    const ask = async (): Promise<unknown> => {
      const { recordset } = await limited.query<Record<string, unknown>>(
        `SELECT HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'CREATE TABLE') AS making,
          HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'ALTER') AS altering,
          HAS_PERMS_BY_NAME(N'${name}', N'OBJECT', N'INSERT') AS inserting;`,
      );
      return recordset[0];
    };
    await server.pool.batch(`GRANT SELECT ON ${name} TO ${user};`);
    expect(await ask()).toEqual({ making: 0, altering: 0, inserting: 0 });
    await server.pool.batch(`ALTER ROLE db_ddladmin ADD MEMBER ${user};`);
    await server.pool.batch(`ALTER ROLE db_datawriter ADD MEMBER ${user};`);
    expect(await ask()).toEqual({ making: 1, altering: 1, inserting: 1 });
    await server.pool.batch(`DENY INSERT ON ${name} TO ${user};`);
    expect(await ask()).toEqual({ making: 1, altering: 1, inserting: 0 });
  });

  it("lets nobody in by a wrong password", async () => {
    await expect(server.connect({ user, password: `${password}!` })).rejects.toMatchObject({
      code: "ELOGIN",
    });
  });
}
