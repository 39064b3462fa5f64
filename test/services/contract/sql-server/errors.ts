import { expect, it } from "vitest";
import type { UsedServer } from "./server-under-test.ts";

interface Case {
  readonly number: number;
  readonly what: string;
  readonly sql: (table: string) => string;
}

const setup = (table: string): string => {
  const name = table.replace("dbo.", "");
  return `CREATE TABLE ${table} (
    Id int NOT NULL CONSTRAINT PK_${name} PRIMARY KEY,
    Name nvarchar(20) NOT NULL,
    Amount int NULL CONSTRAINT CK_${name} CHECK (Amount >= 0));
    INSERT INTO ${table} (Id, Name) VALUES (1, 'one');`;
};

const cases: readonly Case[] = [
  { number: 208, what: "an unknown table", sql: () => "SELECT * FROM dbo.NoSuchTable" },
  { number: 207, what: "an unknown column", sql: (table) => `SELECT NoSuchColumn FROM ${table}` },
  {
    number: 2627,
    what: "a duplicate key",
    sql: (table) => `INSERT INTO ${table} (Id, Name) VALUES (1, 'x')`,
  },
  { number: 547, what: "a violated check", sql: (table) => `UPDATE ${table} SET Amount = -1` },
  {
    number: 515,
    what: "a missing value",
    sql: (table) => `INSERT INTO ${table} (Id, Name) VALUES (2, NULL)`,
  },
  { number: 2714, what: "a table that is there", sql: (table) => `CREATE TABLE ${table} (Id int)` },
  { number: 102, what: "bad syntax", sql: () => "SELECT 1 +" },
  { number: 8134, what: "a division by zero", sql: () => "SELECT 1 / 0 AS x" },
  { number: 50000, what: "RAISERROR", sql: () => "RAISERROR('on purpose', 16, 3)" },
  { number: 50123, what: "THROW", sql: () => "THROW 50123, 'on purpose', 1" },
  { number: 2812, what: "an unknown procedure", sql: () => "EXEC dbo.NoSuchProcedure" },
];

export function errors(server: UsedServer): void {
  it.each(cases)("$number for $what", async ({ number, sql }) => {
    const table = server.newTable();
    await server.pool.request().batch(setup(table));
    await expect(server.pool.request().batch(sql(table))).rejects.toMatchObject({ code: "EREQUEST", number });
    const { recordset } = await server.pool.request().query(`SELECT Id, Name, Amount FROM ${table}`);
    expect(recordset).toEqual([{ Id: 1, Name: "one", Amount: null }]);
  });

  it("tells severity, state and line", async () => {
    const failing = server.pool.request().batch("\n\nRAISERROR('on line three', 15, 7)");
    await expect(failing).rejects.toMatchObject({
      class: 15,
      state: 7,
      lineNumber: 3,
      message: "on line three",
    });
  });

  it("goes on after an error that ends one statement, and not after one that ends the batch", async () => {
    const table = server.newTable();
    await server.pool.request().batch(setup(table));
    const insert = (id: number): string => `INSERT INTO ${table} (Id, Name) VALUES (${id}, 'x');`;
    await expect(server.pool.request().batch(insert(1) + insert(2))).rejects.toMatchObject({ number: 2627 });
    await expect(
      server.pool.request().batch(`${insert(3)} SELECT * FROM dbo.NoSuchTable; ${insert(4)}`),
    ).rejects.toMatchObject({ number: 208 });
    const { recordset } = await server.pool.request().query(`SELECT Id FROM ${table} ORDER BY Id`);
    expect(recordset).toEqual([{ Id: 1 }, { Id: 2 }, { Id: 3 }]);
  });

  it("is caught by TRY and CATCH", async () => {
    const { recordsets } = await server.pool
      .request()
      .batch("BEGIN TRY SELECT 1 / 0 END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS number END CATCH");
    expect((recordsets as unknown[]).at(-1)).toEqual([{ number: 8134 }]);
  });
}
