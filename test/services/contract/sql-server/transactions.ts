import sql, { type ConnectionPool } from "mssql";
import { expect, it } from "vitest";
import type { UsedServer } from "./server-under-test.ts";

export function transactions(server: UsedServer): void {
  const create = async (): Promise<string> => {
    const table = server.newTable();
    await server.pool.request().batch(`CREATE TABLE ${table} (Id int NOT NULL PRIMARY KEY)`);
    return table;
  };

  it("keeps what was committed", async () => {
    const table = await create();
    const transaction = new sql.Transaction(server.pool);
    await transaction.begin(sql.ISOLATION_LEVEL.READ_COMMITTED);
    await transaction.request().query(`INSERT INTO ${table} VALUES (1)`);
    await transaction.commit();
    expect(await idsOf(server.pool, table)).toEqual([1]);
  });

  it("forgets what was rolled back, tables and columns too", async () => {
    const table = await create();
    const other = server.newTable();
    const transaction = new sql.Transaction(server.pool);
    await transaction.begin();
    await transaction.request().query(`INSERT INTO ${table} VALUES (1)`);
    await transaction.request().batch(`ALTER TABLE ${table} ADD Extra int NULL`);
    await transaction.request().batch(`CREATE TABLE ${other} (Id int)`);
    await transaction.rollback();
    expect(await idsOf(server.pool, table)).toEqual([]);
    const { recordset } = await server.pool
      .request()
      .query(`SELECT OBJECT_ID('${other}') AS tableId, COL_LENGTH('${table}', 'Extra') AS extra`);
    expect(recordset).toEqual([{ tableId: null, extra: null }]);
  });

  it("goes back to a savepoint", async () => {
    const table = await create();
    await server.pool.request().batch(`BEGIN TRANSACTION;
      INSERT INTO ${table} VALUES (1);
      SAVE TRANSACTION here;
      INSERT INTO ${table} VALUES (2);
      ROLLBACK TRANSACTION here;
      INSERT INTO ${table} VALUES (3);
      COMMIT TRANSACTION;`);
    expect(await idsOf(server.pool, table)).toEqual([1, 3]);
  });

  it("counts nested transactions", async () => {
    const { recordset } = await server.pool.request().batch(`DECLARE @one int, @two int, @none int;
      BEGIN TRAN; SET @one = @@TRANCOUNT; BEGIN TRAN; SET @two = @@TRANCOUNT;
      ROLLBACK; SET @none = @@TRANCOUNT;
      SELECT @one AS one, @two AS two, @none AS none`);
    expect(recordset).toEqual([{ one: 1, two: 2, none: 0 }]);
  });

  it("rolls back as a whole on the first error with XACT_ABORT on", async () => {
    const table = await create();
    const failing = server.pool.request().batch(`SET XACT_ABORT ON; BEGIN TRAN;
      INSERT INTO ${table} VALUES (1); INSERT INTO ${table} VALUES (1); COMMIT;`);
    await expect(failing).rejects.toMatchObject({ number: 2627 });
    expect(await idsOf(server.pool, table)).toEqual([]);
  });

  it("refuses to commit or roll back what never began", async () => {
    await expect(server.pool.request().batch("COMMIT TRANSACTION")).rejects.toMatchObject({ number: 3902 });
    await expect(server.pool.request().batch("ROLLBACK TRANSACTION")).rejects.toMatchObject({ number: 3903 });
  });

  it("rolls back when the connection goes", async () => {
    const table = await create();
    const pool = await server.connect({ pool: { max: 1 } });
    await pool.request().batch(`BEGIN TRAN; INSERT INTO ${table} VALUES (1)`);
    await pool.close();
    await expect.poll(() => idsOf(server.pool, table), { timeout: 5_000 }).toEqual([]);
  });
}

export async function idsOf(pool: ConnectionPool, table: string): Promise<readonly number[]> {
  const { recordset } = await pool.request().query<{ Id: number }>(`SELECT Id FROM ${table} ORDER BY Id`);
  return recordset.map(({ Id }) => Id);
}
