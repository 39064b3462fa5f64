import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngine, type TestEngine, type TestSession } from "./open-engine.ts";

let engine: TestEngine;
let session: TestSession;

beforeAll(async () => {
  engine = await openEngine();
  session = await engine.connect();
  const { errors } = await session.batch(`
    CREATE TABLE Customers (id int IDENTITY CONSTRAINT PK_Customers PRIMARY KEY, name nvarchar(50) NOT NULL DEFAULT 'x',
      credit decimal(18,4), note varchar(max), joined datetime2(3), [no] numeric(9,0));
    CREATE INDEX IX_Customers_name ON Customers (name, joined DESC);
    CREATE TABLE Orders (id bigint PRIMARY KEY, customer int CONSTRAINT FK_Orders REFERENCES Customers (id) ON DELETE CASCADE);
    EXEC ('CREATE VIEW Names AS SELECT name FROM Customers');
    EXEC ('CREATE PROCEDURE Hello @a int, @b nvarchar(10) OUTPUT AS SELECT 1');
  `);
  expect(errors).toEqual([]);
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

/** Rows as objects. */
async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  const { errors, columns, sets } = await session.batch(text);
  expect(errors).toEqual([]);
  const names = columns[0]?.map(({ name }) => name) ?? [];
  return (sets[0] ?? []).map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
}

test("sp_tables, by pattern and type", async () => {
  const place = { TABLE_QUALIFIER: "app", TABLE_OWNER: "dbo", REMARKS: null };
  expect(await ask("EXEC sp_tables")).toEqual([
    { ...place, TABLE_NAME: "Customers", TABLE_TYPE: "TABLE" },
    { ...place, TABLE_NAME: "Orders", TABLE_TYPE: "TABLE" },
    { ...place, TABLE_NAME: "Names", TABLE_TYPE: "VIEW" },
  ]);
  const views = await ask("EXEC sp_tables @table_name = '%', @table_type = '''VIEW'''");
  expect(views.map((row) => row["TABLE_NAME"])).toEqual(["Names"]);
  expect(await ask("EXEC sp_tables 'Cust%', 'dbo', 'elsewhere'")).toEqual([]);
});

test("sp_columns tells types as ODBC counts them", async () => {
  const rows = await ask("EXEC sp_columns 'Customers', @ODBCVer = 3");
  const facts = rows.map((row) => [
    ...["COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "PRECISION", "LENGTH", "SCALE", "RADIX", "NULLABLE"].map(
      (name) => row[name],
    ),
    ...["COLUMN_DEF", "SQL_DATA_TYPE", "CHAR_OCTET_LENGTH", "ORDINAL_POSITION", "IS_NULLABLE"].map(
      (name) => row[name],
    ),
  ]);
  expect(facts).toEqual([
    ["id", 4, "int identity", 10, 4, 0, 10, 0, null, 4, null, 1, "NO"],
    ["name", -9, "nvarchar", 50, 100, null, null, 0, "('x')", -9, 100, 2, "NO"],
    ["credit", 3, "decimal", 18, 20, 4, 10, 1, null, 3, null, 3, "YES"],
    ["note", 12, "varchar", 0, 0, null, null, 1, null, 12, 0, 4, "YES"],
    ["joined", 93, "datetime2", 23, 16, 3, null, 1, null, 9, null, 5, "YES"],
    ["no", 2, "numeric", 9, 11, 0, 10, 1, null, 2, null, 6, "YES"],
  ]);
  const old = await ask("EXEC sp_columns_100 N'Customers', @column_name = N'j%'");
  expect(old.map((row) => row["DATA_TYPE"])).toEqual([11]);
});

test("keys and indexes", async () => {
  expect(await ask("EXEC sp_pkeys 'Customers'")).toEqual([
    {
      ...{ TABLE_QUALIFIER: "app", TABLE_OWNER: "dbo", TABLE_NAME: "Customers" },
      ...{ COLUMN_NAME: "id", KEY_SEQ: 1, PK_NAME: "PK_Customers" },
    },
  ]);
  const [byParent] = await ask("EXEC sp_fkeys @pktable_name = 'customers'");
  expect(byParent).toMatchObject({
    ...{ PKTABLE_NAME: "Customers", PKCOLUMN_NAME: "id", FKTABLE_NAME: "Orders", FKCOLUMN_NAME: "customer" },
    ...{ KEY_SEQ: 1, UPDATE_RULE: 1, DELETE_RULE: 0, FK_NAME: "FK_Orders", PK_NAME: "PK_Customers" },
  });
  expect(await ask("EXEC sp_fkeys @fktable_name = 'Orders'")).toEqual([byParent]);
  expect(await ask("EXEC sp_fkeys @fktable_name = 'Customers'")).toEqual([]);
  const statistics = await ask("EXEC sp_statistics 'Customers'");
  expect(
    statistics.map((row) => [
      row["TYPE"],
      row["NON_UNIQUE"],
      row["INDEX_NAME"],
      row["COLUMN_NAME"],
      row["COLLATION"],
    ]),
  ).toEqual([
    [0, null, null, null, null],
    [1, 0, "PK_Customers", "id", "A"],
    [3, 1, "IX_Customers_name", "name", "A"],
    [3, 1, "IX_Customers_name", "joined", "D"],
  ]);
  const [special] = await ask("EXEC sp_special_columns 'Orders'");
  expect(special).toMatchObject({
    SCOPE: 1,
    COLUMN_NAME: "id",
    TYPE_NAME: "bigint",
    LENGTH: 8,
    PSEUDO_COLUMN: 1,
  });
});

test("procedures, databases, types and the server", async () => {
  const [procedure] = await ask("EXEC sp_stored_procedures");
  expect(procedure).toMatchObject({ PROCEDURE_OWNER: "dbo", PROCEDURE_NAME: "Hello;1", PROCEDURE_TYPE: 2 });
  const parameters = await ask("EXEC sp_sproc_columns 'Hello'");
  expect(
    parameters.map((row) => [row["COLUMN_NAME"], row["COLUMN_TYPE"], row["TYPE_NAME"], row["LENGTH"]]),
  ).toEqual([
    ["@RETURN_VALUE", 5, "int", 4],
    ["@a", 1, "int", 4],
    ["@b", 2, "nvarchar", 20],
  ]);
  expect((await ask("EXEC sp_databases")).map((row) => row["DATABASE_NAME"])).toContain("app");
  const [whole, counting] = await ask("EXEC sp_datatype_info 4");
  expect(whole).toMatchObject({
    TYPE_NAME: "int",
    DATA_TYPE: 4,
    PRECISION: 10,
    NUM_PREC_RADIX: 10,
    AUTO_INCREMENT: 0,
  });
  expect(counting).toMatchObject({ TYPE_NAME: "int identity", AUTO_INCREMENT: 1, NULLABLE: 0 });
  const moments = await ask("EXEC sys.sp_datatype_info_100 93, @ODBCVer = 3");
  expect(moments.map((row) => row["TYPE_NAME"])).toEqual(["datetime", "datetime2", "smalldatetime"]);
  expect(await ask("EXEC sp_server_info 1")).toEqual([
    { ATTRIBUTE_ID: 1, ATTRIBUTE_NAME: "DBMS_NAME", ATTRIBUTE_VALUE: "Microsoft SQL Server" },
  ]);
});

test("a missing parameter and a procedure the stand-in has not are refused", async () => {
  const { errors } = await session.batch("EXEC sp_columns");
  expect(errors.map(({ number }) => number)).toEqual([201]);
  expect((await session.batch("EXEC sp_column_privileges")).errors.map(({ number }) => number)).toEqual([
    40515,
  ]);
});
