import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngine, type TestEngine, type TestSession } from "./open-engine.ts";

let engine: TestEngine;
let session: TestSession;

beforeAll(async () => {
  engine = await openEngine();
  await engine.engine.createDatabase("other");
  const other = await engine.connect("other");
  await other.batch(
    "CREATE TABLE Things (id int IDENTITY PRIMARY KEY, amount decimal(30,10)); INSERT Things VALUES (1.5)",
  );
  await other.session.close();
  session = await engine.connect();
  await session.batch("CREATE TABLE Things (id int); CREATE TABLE Own (id int)");
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

test("a statement whose tables are all in one other database runs there", async () => {
  expect(await session.rows("SELECT t.amount FROM other.dbo.Things t WHERE id = 1")).toEqual([
    ["1.5000000000"],
  ]);
  expect(await session.rows("SELECT COUNT(*) FROM OTHER..Things")).toEqual([[1]]);
  const { errors } = await session.batch(`
    BEGIN TRANSACTION; INSERT INTO other.dbo.Things (amount) VALUES (2); ROLLBACK;
    INSERT INTO other.dbo.Things (amount) VALUES (3);
    UPDATE other.dbo.Things SET amount = amount + 1;
    DELETE FROM other.dbo.Things WHERE amount = 2.5;`);
  expect(errors).toEqual([]);
  expect(await session.rows("SELECT amount FROM other.dbo.Things")).toEqual([["4.0000000000"]]);
  expect(await session.rows("SELECT DB_NAME(), (SELECT COUNT(*) FROM Things)")).toEqual([["app", 0]]);
});

test.each([
  "INSERT Own SELECT id FROM other.dbo.Things",
  "SELECT * FROM other.dbo.Things t JOIN Own o ON o.id = t.id",
  "SELECT DB_NAME() FROM other.dbo.Things",
])("%s is refused", async (text) => {
  expect((await session.batch(text)).errors.map(({ number }) => number)).toEqual([40515]);
});

test("a procedure named with its database runs in it", async () => {
  const other = await engine.connect("other");
  await other.batch("CREATE PROCEDURE WhereAmI AS SELECT DB_NAME(), (SELECT COUNT(*) FROM Things)");
  await other.session.close();
  expect(await session.rows("EXEC other.dbo.WhereAmI; SELECT DB_NAME()")).toEqual([["other", 1]]);
  expect((await session.rows("EXEC other..sp_columns 'Things'")).map((row) => row[3])).toEqual([
    "id",
    "amount",
  ]);
  expect(await session.rows("SELECT DB_NAME()")).toEqual([["app"]]);
  const { errors } = await session.batch("EXEC nope..sp_tables");
  expect(errors.map(({ number }) => number)).toEqual([2812]);
});

test("who may not enter the other database may not read from it", async () => {
  await session.batch("CREATE LOGIN reader WITH PASSWORD = 'Secret-1'; CREATE USER reader FOR LOGIN reader");
  const reader = await engine.connect("app", { user: "reader", password: "Secret-1" });
  const { errors } = await reader.batch("SELECT * FROM other.dbo.Things");
  expect(errors.map(({ number }) => number)).toEqual([916]);
  await reader.session.close();
});

test("SET FMTONLY ON tells the columns alone", async () => {
  const { columns, sets } = await session.batch(
    "SET FMTONLY ON SELECT * FROM other.dbo.Things SET FMTONLY OFF",
  );
  expect([columns[0]?.map(({ name }) => name), sets]).toEqual([["id", "amount"], [[]]]);
});
