import sql from "mssql";
import { expect, it } from "vitest";
import type { UsedServer } from "./server-under-test.ts";
import { idsOf } from "./transactions.ts";

export function isolation(server: UsedServer): void {
  const begin = async (): Promise<{ table: string; transaction: sql.Transaction }> => {
    const table = server.newTable();
    await server.pool.request().batch(`CREATE TABLE ${table} (Id int NOT NULL PRIMARY KEY)`);
    const transaction = new sql.Transaction(await server.connect());
    await transaction.begin();
    await transaction.request().query(`INSERT INTO ${table} VALUES (1)`);
    return { table, transaction };
  };

  it("shows nobody else what is not committed", async () => {
    const { table, transaction } = await begin();
    const seen = idsOf(server.pool, table);
    // A server without row versions makes the reader wait: end the transaction, whichever kind this one is.
    const ended = new Promise((resolve) => setTimeout(resolve, 100)).then(() => transaction.rollback());
    expect(await seen).toEqual([]);
    await ended;
  });

  it("makes a second writer wait for the first", async () => {
    const { table, transaction } = await begin();
    let finished = false;
    const second = server.pool
      .request()
      .query(`INSERT INTO ${table} VALUES (2)`)
      .then(() => {
        finished = true;
      });
    await transaction.commit();
    await second;
    expect(finished).toBe(true);
    expect(await idsOf(server.pool, table)).toEqual([1, 2]);
  });

  it("keeps the databases of one server apart", async () => {
    const master = await server.connect({ database: "master" });
    const { table, transaction } = await begin();
    await transaction.commit();
    const { recordset } = await master.request().query(`SELECT OBJECT_ID('${table}') AS id`);
    expect(recordset).toEqual([{ id: null }]);
  });
}
