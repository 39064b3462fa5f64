import { describe, expect, it } from "vitest";
import { openEngine, type TestSession } from "./open-engine.ts";

async function fails(session: TestSession, text: string): Promise<number | undefined> {
  return (await session.batch(text)).errors[0]?.number;
}

/** sbm's log table (the columns and indexes of design 5), made step by step only where something is missing. */
const LOG_TABLE = `
IF NOT EXISTS (SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'SqlBuild_Logging')
BEGIN
  CREATE TABLE [dbo].[SqlBuild_Logging] ([BuildFileName] [varchar](300) NOT NULL, [ScriptFileName] [varchar](300) NOT NULL,
    [ScriptId] [uniqueidentifier] NULL, [ScriptFileHash] [varchar](100) NULL, [CommitDate] [datetime] NOT NULL,
    [Sequence] [int] NULL, [UserId] [varchar](50) NULL,
    [AllowScriptBlock] [bit] NULL CONSTRAINT [DF_SqlBuild_Logging_AllowScriptBlock] DEFAULT (1),
    [AllowBlockUpdateId] [varchar](50) NULL) ON [PRIMARY]
END
IF COL_LENGTH('dbo.SqlBuild_Logging', 'ScriptText') IS NULL ALTER TABLE dbo.SqlBuild_Logging ADD ScriptText text NULL
IF NOT EXISTS (SELECT 1 FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'SqlBuild_Logging' AND COLUMN_NAME = 'Tag')
  ALTER TABLE dbo.SqlBuild_Logging ADD Tag varchar(200) NULL
IF NOT EXISTS (SELECT name FROM sys.indexes WHERE name = N'IX_SqlBuild_Logging' AND object_id = OBJECT_ID(N'dbo.SqlBuild_Logging'))
  CREATE CLUSTERED INDEX [IX_SqlBuild_Logging] ON [dbo].[SqlBuild_Logging] ([ScriptId]) ON [PRIMARY]
IF NOT EXISTS (SELECT 1 FROM sys.sysindexes WHERE name = 'IX_SqlBuild_Logging_CommitCheck')
  CREATE NONCLUSTERED INDEX IX_SqlBuild_Logging_CommitCheck ON dbo.SqlBuild_Logging (ScriptId ASC, CommitDate DESC)
  INCLUDE (ScriptFileHash, AllowScriptBlock) WITH (FILLFACTOR = 80)`;

describe("definitions", () => {
  it("make the log table, and again make nothing", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows(LOG_TABLE);
    await session.rows(LOG_TABLE);
    const columns = "SELECT COUNT(*) FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id";
    expect(await session.rows(columns)).toEqual([[11]]);
    const text = `INSERT dbo.SqlBuild_Logging (BuildFileName, ScriptFileName, ScriptId, CommitDate, ScriptText)
      VALUES ('b', 's', NEWID(), GETDATE(), 'text'); SELECT AllowScriptBlock FROM SqlBuild_Logging`;
    expect(await session.rows(text)).toEqual([[true]]);
    const index = `SELECT i.type_desc, ic.is_descending_key, ic.is_included_column FROM sys.indexes i
      JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
      WHERE i.name LIKE '%CommitCheck' ORDER BY ic.index_column_id`;
    expect(await session.rows(index)).toEqual([
      ["NONCLUSTERED", false, false],
      ["NONCLUSTERED", true, false],
      ["NONCLUSTERED", false, true],
      ["NONCLUSTERED", false, true],
    ]);
  });

  it("add and drop columns and constraints", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows("CREATE TABLE T (id int NOT NULL); INSERT T VALUES (1), (2)");
    expect(await fails(session, "ALTER TABLE T ADD a int NOT NULL")).toBe(4901);
    await session.rows(
      "ALTER TABLE T ADD a int NOT NULL CONSTRAINT DF_a DEFAULT 7, b varchar(5) NULL DEFAULT 'x'",
    );
    expect(await session.rows("SELECT * FROM T")).toEqual([
      [1, 7, null],
      [2, 7, null],
    ]);
    expect(await fails(session, "ALTER TABLE T ADD A int")).toBe(2705);
    await session.rows("ALTER TABLE T ADD CONSTRAINT PK_T PRIMARY KEY (id), CONSTRAINT CK_a CHECK (a > 5)");
    expect(await fails(session, "UPDATE T SET a = 1")).toBe(547);
    expect(await fails(session, "ALTER TABLE T DROP COLUMN a")).toBe(4922);
    await session.rows("ALTER TABLE T DROP CONSTRAINT CK_a, DF_a; ALTER TABLE T DROP COLUMN a");
    expect(await fails(session, "ALTER TABLE T DROP CONSTRAINT nope")).toBe(3728);
    await session.rows("ALTER TABLE T DROP CONSTRAINT IF EXISTS nope");
    expect(await fails(session, "ALTER TABLE T ALTER COLUMN b int NOT NULL")).toBe(515);
    await session.rows("UPDATE T SET b = '12'; ALTER TABLE T ALTER COLUMN b int NOT NULL");
    expect(await session.rows("SELECT b + 1 FROM T WHERE id = 1")).toEqual([[13]]);
    expect(await fails(session, "ALTER TABLE T ADD CONSTRAINT CK_b CHECK (b > 100)")).toBe(547);
    await session.rows("ALTER TABLE T WITH NOCHECK ADD CONSTRAINT CK_b CHECK (b > 100)");
  });

  it("keep keys unique, also of NULL, and let them change places", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows(
      "CREATE TABLE T (id int PRIMARY KEY, u int NULL UNIQUE); INSERT T VALUES (1, NULL), (2, 5)",
    );
    expect(await fails(session, "INSERT T VALUES (3, NULL)")).toBe(2627);
    expect(await session.rows("UPDATE T SET id = id + 1; SELECT id FROM T ORDER BY id")).toEqual([[2], [3]]);
    expect(await fails(session, "CREATE UNIQUE INDEX IX ON T (nope)")).toBe(1911);
    await session.rows("CREATE UNIQUE INDEX IX ON T (u) WHERE u IS NOT NULL");
    expect(await fails(session, "CREATE INDEX IX ON T (u)")).toBe(1913);
    await session.rows("DROP INDEX IX ON T; DROP INDEX IF EXISTS IX ON T");
    expect(await fails(session, "DROP INDEX IX ON T")).toBe(3701);
  });

  it("follow foreign keys", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows(`CREATE TABLE P (id int PRIMARY KEY); CREATE TABLE C (id int PRIMARY KEY, p int NULL,
      CONSTRAINT FK_C FOREIGN KEY (p) REFERENCES P (id) ON DELETE CASCADE ON UPDATE CASCADE);
      CREATE TABLE G (c int NULL REFERENCES C (id) ON DELETE SET NULL);
      INSERT P VALUES (1), (2); INSERT C VALUES (10, 1), (20, 2); INSERT G VALUES (10), (20)`);
    await session.rows("UPDATE P SET id = 5 WHERE id = 1; DELETE P WHERE id = 2");
    expect((await session.batch("SELECT * FROM C; SELECT * FROM G")).sets).toEqual([
      [[10, 5]],
      [[10], [null]],
    ]);
    expect(await fails(session, "DROP TABLE P")).toBe(3726);
    expect(await fails(session, "TRUNCATE TABLE P")).toBe(4712);
    expect(await fails(session, "CREATE TABLE X (a int REFERENCES Nope (id))")).toBe(1767);
  });

  it("count identities without gaps being filled", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows("CREATE TABLE T (id int IDENTITY(10, 5) PRIMARY KEY, v int)");
    expect(await session.rows("INSERT T (v) OUTPUT inserted.id VALUES (1), (2)")).toEqual([[10], [15]]);
    await session.rows("BEGIN TRAN; INSERT T (v) VALUES (3); ROLLBACK; INSERT T (v) VALUES (4)");
    expect(await session.rows("SELECT MAX(id), SCOPE_IDENTITY(), @@IDENTITY FROM T")).toEqual([
      [25, "25", "25"],
    ]);
    await session.rows(
      "SET IDENTITY_INSERT T ON; INSERT T (id, v) VALUES (100, 5); SET IDENTITY_INSERT T OFF",
    );
    expect(await session.rows("INSERT T DEFAULT VALUES; SELECT MAX(id) FROM T")).toEqual([[105]]);
    expect(await session.rows("TRUNCATE TABLE T; INSERT T (v) VALUES (1); SELECT id FROM T")).toEqual([[10]]);
  });

  it("keep schemas, views and renames", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows("CREATE SCHEMA app");
    await session.rows(
      "CREATE TABLE app.T (a int, b int); INSERT app.T VALUES (1, 2); CREATE TABLE T (z int)",
    );
    await session.rows("CREATE VIEW app.V (x, y) AS SELECT a, b * 10 FROM app.T");
    expect(await session.rows("SELECT v.y FROM app.V v WHERE x = 1")).toEqual([[20]]);
    expect(await fails(session, "CREATE VIEW app.V AS SELECT 1 AS a")).toBe(2714);
    await session.rows("ALTER VIEW app.V AS SELECT a AS q FROM app.T");
    expect(await session.rows("SELECT q FROM app.V")).toEqual([[1]]);
    await session.rows("EXEC sp_rename 'app.T.a', 'a2', 'COLUMN'; EXEC sp_rename 'dbo.T', 'Renamed'");
    expect(await session.rows("SELECT a2 FROM app.T; SELECT z FROM Renamed")).toEqual([[1]]);
    await session.rows("DROP VIEW app.V; DROP TABLE IF EXISTS app.T, Renamed; DROP SCHEMA app");
  });

  it("are seen by others once committed, and never when rolled back", async () => {
    await using test = await openEngine();
    const [one, two, reader] = [await test.connect(), await test.connect(), await test.connect()];
    await one.rows("CREATE TABLE T (a int); INSERT INTO T VALUES (1)");
    const read = "SELECT * FROM T; SELECT COL_LENGTH('T', 'b')";
    await reader.batch(`SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; ${read}`);
    await one.rows("BEGIN TRAN; SAVE TRAN s; ALTER TABLE T ADD b int");
    expect((await one.batch(read)).sets).toEqual([[[1, null]], [[4]]]);
    expect((await two.batch(read)).sets).toEqual([[[1]], [[null]]]);
    await one.rows("ROLLBACK TRAN s");
    expect((await one.batch(read)).sets).toEqual([[[1]], [[null]]]);
    await one.rows("ALTER TABLE T ADD b int; COMMIT");
    expect((await two.batch(read)).sets).toEqual([[[1, null]], [[4]]]);
    expect((await reader.batch(read)).sets).toEqual([[[1]], [[null]]]);
    await reader.rows("COMMIT");
    expect((await reader.batch(read)).sets).toEqual([[[1, null]], [[4]]]);
    await one.rows("BEGIN TRAN; DROP TABLE T; ROLLBACK");
    expect((await two.batch(read)).sets).toEqual([[[1, null]], [[4]]]);
  });

  it("make and drop databases from master", async () => {
    await using test = await openEngine();
    const session = await test.connect("master");
    await session.rows("CREATE DATABASE tenant7; ALTER DATABASE tenant7 SET RECOVERY SIMPLE");
    expect(await fails(session, "CREATE DATABASE tenant7")).toBe(1801);
    expect(await session.rows("SELECT name FROM sys.databases WHERE name LIKE 'tenant%'")).toEqual([
      ["tenant7"],
    ]);
    const other = await test.connect("tenant7");
    expect(await fails(session, "DROP DATABASE tenant7")).toBe(3702);
    await other.session.close();
    await session.rows("USE tenant7; CREATE TABLE T (a int); USE master; DROP DATABASE tenant7");
    expect(await fails(session, "DROP DATABASE tenant7")).toBe(3701);
  });

  it("make five hundred databases", async () => {
    await using test = await openEngine();
    for (let index = 0; index < 500; index++) await test.engine.createDatabase(`tenant${index}`);
    expect(test.engine.databaseNames()).toHaveLength(503);
  });
});
