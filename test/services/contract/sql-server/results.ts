import sql from "mssql";
import { expect, it } from "vitest";
import type { UsedServer } from "./server-under-test.ts";

export function results(server: UsedServer): void {
  it("answers several record sets and counts", async () => {
    const table = server.newTable();
    const { recordsets, rowsAffected } = await server.pool.request().batch(
      `CREATE TABLE ${table} (Id int NOT NULL);
       INSERT INTO ${table} (Id) VALUES (1), (2), (3);
       SELECT Id FROM ${table} ORDER BY Id;
       UPDATE ${table} SET Id = Id + 10 WHERE Id > 1;
       SELECT Id FROM ${table} WHERE Id > 10 ORDER BY Id;`,
    );
    expect(recordsets).toEqual([
      [{ Id: 1 }, { Id: 2 }, { Id: 3 }],
      [{ Id: 12 }, { Id: 13 }],
    ]);
    expect(rowsAffected).toEqual([3, 3, 2, 2]);
  });

  it("counts nothing with NOCOUNT on", async () => {
    const { rowsAffected, recordset } = await server.pool
      .request()
      .batch("SET NOCOUNT ON; DECLARE @x int = 4; SELECT @x AS x");
    expect(recordset).toEqual([{ x: 4 }]);
    expect(rowsAffected).toEqual([]);
  });

  it("takes parameters", async () => {
    const { recordset } = await server.pool
      .request()
      .input("name", sql.NVarChar(50), "O'Brien ✓")
      .input("amount", sql.Int, 41)
      .query("SELECT @name AS name, @amount + 1 AS more");
    expect(recordset).toEqual([{ name: "O'Brien ✓", more: 42 }]);
  });

  it("gives output parameters back", async () => {
    const { output } = await server.pool
      .request()
      .input("x", sql.Int, 20)
      .output("y", sql.Int)
      .query("SET @y = @x * 2 + 2");
    expect(output).toEqual({ y: 42 });
  });

  it("prepares a statement and executes it twice", async () => {
    const statement = new sql.PreparedStatement(server.pool);
    statement.input("x", sql.Int);
    await statement.prepare("SELECT @x * 2 AS doubled");
    const first = await statement.execute({ x: 4 });
    const second = await statement.execute({ x: 5 });
    await statement.unprepare();
    expect([first.recordset, second.recordset]).toEqual([[{ doubled: 8 }], [{ doubled: 10 }]]);
  });

  it("gives inserted rows back", async () => {
    const table = server.newTable();
    await server.pool
      .request()
      .batch(`CREATE TABLE ${table} (Id int IDENTITY(1,1) PRIMARY KEY, Name nvarchar(20) NOT NULL)`);
    const { recordset } = await server.pool
      .request()
      .input("name", sql.NVarChar(20), "first")
      .query(`INSERT INTO ${table} (Name) OUTPUT INSERTED.Id, INSERTED.Name VALUES (@name)`);
    expect(recordset).toEqual([{ Id: 1, Name: "first" }]);
  });

  it("tells what is printed, in order", async () => {
    const messages: string[] = [];
    const request = server.pool.request();
    request.on("info", ({ message }: { message: string }) => messages.push(message));
    await request.batch("PRINT 'one'; PRINT N'zwei ✓'; RAISERROR('three', 10, 1)");
    expect(messages).toEqual(["one", "zwei ✓", "three"]);
  });

  it("streams 50,000 rows", async () => {
    const request = server.pool.request();
    request.stream = true;
    let count = 0;
    let sum = 0;
    request.on("row", ({ n }: { n: number }) => {
      count += 1;
      sum += n;
    });
    const ended = new Promise((resolve, reject) => {
      request.on("done", resolve);
      request.on("error", reject);
    });
    const table = server.newTable();
    await fill(server, table, 50_000);
    void request.query(`SELECT n, label FROM ${table}`);
    await ended;
    expect({ count, sum }).toEqual({ count: 50_000, sum: (50_000 * 49_999) / 2 });
  });
}

/** A table of `count` rows, numbered from 0, made by doubling: few statements, on any server. */
async function fill({ pool }: UsedServer, table: string, count: number): Promise<void> {
  await pool.request().batch(`CREATE TABLE ${table} (n int NOT NULL, label nvarchar(40) NULL);
    INSERT INTO ${table} (n, label) VALUES (0, N'row 0');`);
  for (let have = 1; have < count; have *= 2) {
    await pool.request().input("have", sql.Int, have).input("count", sql.Int, count)
      .query(`INSERT INTO ${table} (n, label)
        SELECT n + @have, label FROM ${table} WHERE n + @have < @count`);
  }
}
