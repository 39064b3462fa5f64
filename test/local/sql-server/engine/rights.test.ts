import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEngine, type TestEngine, type TestSession } from "./open-engine.ts";

/** What the stand-in says about who may do what: numbers and texts are SQL Server's. */
let server: TestEngine;
let owner: TestSession;

beforeEach(async () => {
  server = await openEngine({
    acceptAccessToken: (token) => (token === "good" ? "the-fleet" : undefined),
  });
  owner = await server.connect();
  await owner.rows(`CREATE LOGIN worker WITH PASSWORD = 'pw', CHECK_POLICY = OFF;
    CREATE USER worker FOR LOGIN worker;
    CREATE TABLE dbo.T (Id int NOT NULL, Name nvarchar(20) NULL);
    INSERT INTO dbo.T VALUES (1, N'one');`);
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const asWorker = (database = "app"): Promise<TestSession> =>
  server.connect(database, { user: "worker", password: "pw" });

async function errorsOf(session: TestSession, text: string): Promise<readonly (readonly [number, string])[]> {
  return (await session.batch(text)).errors.map(({ number, message }) => [number, message] as const);
}

async function numbersOf(session: TestSession, text: string): Promise<readonly number[]> {
  return (await session.batch(text)).errors.map(({ number }) => number);
}

const denied = (permission: string, object = "T"): string =>
  `The ${permission} permission was denied on the object '${object}', database 'app', schema 'dbo'.`;

describe("logins and users", () => {
  it("let in who has a user in the database, and say no in SQL Server's words", async () => {
    const worker = await asWorker();
    expect(await worker.rows("SELECT CURRENT_USER, SUSER_NAME(), IS_SRVROLEMEMBER('sysadmin')")).toEqual([
      ["worker", "worker", 0],
    ]);
    expect(await owner.rows("SELECT CURRENT_USER, IS_SRVROLEMEMBER('sysadmin')")).toEqual([["dbo", 1]]);
    await server.engine.createDatabase("other");
    await expect(asWorker("other")).rejects.toMatchObject({ number: 4060 });
    expect(await errorsOf(worker, "USE other")).toEqual([
      [
        916,
        'The server principal "worker" is not able to access the database "other" under the current security context.',
      ],
    ]);
    await expect(server.connect("app", { user: "worker", password: "no" })).rejects.toMatchObject({
      number: 18456,
    });
    await owner.rows("ALTER LOGIN worker DISABLE");
    await expect(asWorker()).rejects.toMatchObject({ number: 18470 });
  });

  it("of a database alone: by password, or as an Entra identity", async () => {
    await owner.rows("CREATE USER tenant WITH PASSWORD = 'own'");
    const tenant = await server.connect("app", { user: "tenant", password: "own" });
    expect(await errorsOf(tenant, "SELECT * FROM dbo.T")).toEqual([[229, denied("SELECT")]]);
    await expect(server.connect("master", { user: "tenant", password: "own" })).rejects.toMatchObject({
      number: 18456,
    });
    await owner.rows("CREATE USER [the-fleet] FROM EXTERNAL PROVIDER; GRANT SELECT TO [the-fleet]");
    const fleet = await server.connect("app", { accessToken: "good" });
    expect(await fleet.rows("SELECT USER_NAME(), Id FROM dbo.T")).toEqual([["the-fleet", 1]]);
    expect(await errorsOf(fleet, "DELETE dbo.T")).toEqual([[229, denied("DELETE")]]);
  });

  it("are rolled back and dropped like everything else", async () => {
    await owner.rows("BEGIN TRAN; CREATE ROLE readers; GRANT SELECT TO readers; ROLLBACK");
    expect(await owner.rows("SELECT name FROM sys.database_principals WHERE name = 'readers'")).toEqual([]);
    await owner.rows("CREATE ROLE readers; ALTER ROLE readers ADD MEMBER worker");
    expect(await errorsOf(owner, "DROP ROLE readers")).toEqual([
      [15144, "The role has members. It must be empty before it can be dropped."],
    ]);
    await owner.rows("EXEC sp_droprolemember 'readers', 'worker'; DROP ROLE readers; DROP USER worker");
    await expect(asWorker()).rejects.toMatchObject({ number: 4060 });
  });
});

describe("permissions", () => {
  it("are needed for each kind of change", async () => {
    const worker = await asWorker();
    expect(await errorsOf(worker, "SELECT * FROM dbo.T")).toEqual([[229, denied("SELECT")]]);
    expect(await errorsOf(worker, "INSERT INTO dbo.T (Id) VALUES (2)")).toEqual([[229, denied("INSERT")]]);
    expect(await errorsOf(worker, "UPDATE dbo.T SET Id = 2")).toEqual([[229, denied("UPDATE")]]);
    expect(await errorsOf(worker, "IF EXISTS (SELECT 1 FROM dbo.T) PRINT 'x'")).toEqual([
      [229, denied("SELECT")],
    ]);
    await owner.rows("GRANT INSERT, UPDATE ON dbo.T TO worker");
    await worker.rows("INSERT INTO dbo.T (Id) VALUES (2); UPDATE dbo.T SET Name = N'x'");
    // To look at a value takes another permission than to change it.
    expect(await errorsOf(worker, "UPDATE dbo.T SET Name = N'y' WHERE Id = 2")).toEqual([
      [229, denied("SELECT")],
    ]);
    expect(await numbersOf(worker, "TRUNCATE TABLE dbo.T")).toEqual([1088]);
  });

  it("come with roles, and a DENY wins", async () => {
    const worker = await asWorker();
    await owner.rows("ALTER ROLE db_datareader ADD MEMBER worker");
    expect(await worker.rows("SELECT Id FROM dbo.T")).toEqual([[1]]);
    await owner.rows("DENY SELECT ON SCHEMA::dbo TO worker");
    expect(await errorsOf(worker, "SELECT Id FROM dbo.T")).toEqual([[229, denied("SELECT")]]);
    await owner.rows("REVOKE SELECT ON SCHEMA::dbo FROM worker");
    expect(await worker.rows("SELECT Id FROM dbo.T")).toEqual([[1]]);
  });

  it("to define things", async () => {
    const worker = await asWorker();
    expect(await errorsOf(worker, "CREATE TABLE dbo.N (Id int)")).toEqual([
      [262, "CREATE TABLE permission denied in database 'app'."],
    ]);
    await owner.rows("GRANT CREATE TABLE TO worker");
    expect(await numbersOf(worker, "CREATE TABLE dbo.N (Id int)")).toEqual([2760]);
    expect(await numbersOf(worker, "ALTER TABLE dbo.T ADD X int")).toEqual([1088]);
    expect(await numbersOf(worker, "DROP TABLE dbo.T")).toEqual([3701]);
    expect(await numbersOf(worker, "ALTER DATABASE app SET READ_ONLY")).toEqual([5011]);
    expect(await numbersOf(worker, "CREATE LOGIN x WITH PASSWORD = 'x'")).toEqual([15247]);
    expect(await numbersOf(worker, "GRANT SELECT ON dbo.T TO worker")).toEqual([15151]);
    await owner.rows("ALTER ROLE db_ddladmin ADD MEMBER worker");
    await worker.rows("CREATE TABLE dbo.N (Id int); ALTER TABLE dbo.T ADD X int; DROP TABLE dbo.N");
    // Who may change its shape may not for that read it.
    expect(await errorsOf(worker, "SELECT * FROM dbo.T")).toEqual([[229, denied("SELECT")]]);
    await worker.rows("CREATE TABLE #own (Id int); INSERT INTO #own VALUES (1); SELECT * FROM #own");
  });

  it("of a procedure or view stand for those of what it touches, but not of EXEC of text", async () => {
    const worker = await asWorker();
    await owner.batch("CREATE PROCEDURE dbo.P AS INSERT INTO dbo.T (Id) VALUES (7)");
    await owner.batch("CREATE PROCEDURE dbo.Q AS EXEC ('INSERT INTO dbo.T (Id) VALUES (8)')");
    await owner.batch("CREATE VIEW dbo.V AS SELECT Id FROM dbo.T");
    expect(await errorsOf(worker, "EXEC dbo.P")).toEqual([[229, denied("EXECUTE", "P")]]);
    await owner.rows("GRANT EXECUTE TO public; GRANT SELECT ON OBJECT::dbo.V TO worker");
    await worker.rows("EXEC dbo.P");
    expect(await worker.rows("SELECT Id FROM dbo.V")).toEqual([[1], [7]]);
    expect(await errorsOf(worker, "EXEC dbo.Q")).toEqual([[229, denied("INSERT")]]);
  });

  it("are told by HAS_PERMS_BY_NAME, the roles' functions and the catalogue", async () => {
    const worker = await asWorker();
    const asked = `SELECT HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'CREATE TABLE'),
      HAS_PERMS_BY_NAME(N'dbo.T', N'OBJECT', N'INSERT'), HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'ALTER'),
      HAS_PERMS_BY_NAME(N'dbo.Missing', N'OBJECT', N'INSERT'), IS_MEMBER('db_ddladmin'), IS_MEMBER('nobody'),
      IS_ROLEMEMBER('db_owner', 'dbo')`;
    expect(await worker.rows(asked)).toEqual([[0, 0, 0, null, 0, null, 1]]);
    expect(await owner.rows(asked)).toEqual([[1, 1, 1, null, 0, null, 1]]);
    await owner.rows("ALTER ROLE db_ddladmin ADD MEMBER worker; GRANT INSERT ON dbo.T TO worker");
    expect(await worker.rows(asked)).toEqual([[1, 1, 1, null, 1, null, 1]]);
    expect(
      await owner.rows(`SELECT p.name, d.permission_name, d.state_desc, OBJECT_NAME(d.major_id)
        FROM sys.database_permissions AS d
        JOIN sys.database_principals AS p ON p.principal_id = d.grantee_principal_id`),
    ).toEqual([["worker", "INSERT", "GRANT", "T"]]);
  });

  it("are found by packages that make what is missing", async () => {
    const text = `IF NOT EXISTS (SELECT * FROM sys.server_principals WHERE name = 'app_login' AND type = 'S')
        CREATE LOGIN app_login WITH PASSWORD = 'x';
      IF NOT EXISTS (SELECT * FROM sys.database_principals WHERE name = 'app_user' AND type = 'S')
        CREATE USER app_user FOR LOGIN app_login;
      IF DATABASE_PRINCIPAL_ID('app_role') IS NULL CREATE ROLE app_role;
      EXEC sp_addrolemember 'app_role', 'app_user';
      GRANT EXECUTE ON SCHEMA::dbo TO app_role;
      SELECT USER_NAME(m.member_principal_id), r.name FROM sys.database_role_members AS m
        JOIN sys.database_principals AS r ON r.principal_id = m.role_principal_id WHERE r.name LIKE 'app%'`;
    expect(await owner.rows(text)).toEqual([["app_user", "app_role"]]);
    expect(await owner.rows(text)).toEqual([["app_user", "app_role"]]);
  });

  it("hide what one has none on", async () => {
    const worker = await asWorker();
    const look = "SELECT OBJECT_ID('dbo.T'), (SELECT COUNT(*) FROM sys.tables)";
    expect(await worker.rows(look)).toEqual([[null, 0]]);
    await owner.rows("GRANT UPDATE ON dbo.T TO worker");
    expect(await worker.rows(look)).toEqual(await owner.rows(look));
  });

  it("that the stand-in does not have are refused by name", async () => {
    for (const text of [
      "GRANT SELECT (Id) ON dbo.T TO worker",
      "GRANT SELECT ON dbo.T TO worker WITH GRANT OPTION",
      "GRANT VIEW SERVER STATE TO worker",
      "CREATE LOGIN [x\\y] FROM WINDOWS",
      "ALTER DATABASE app SET OFFLINE",
    ]) {
      expect(await numbersOf(owner, text)).toEqual([40515]);
    }
  });
});

describe("a read-only database", () => {
  const refusal = [3906, 'Failed to update database "app" because the database is read-only.'] as const;

  it("answers reads and no writes, and says that it is one", async () => {
    const state = `SELECT CAST(DATABASEPROPERTYEX('app', 'Updateability') AS nvarchar(20)), is_read_only
      FROM sys.databases WHERE name = 'app'`;
    expect(await owner.rows(state)).toEqual([["READ_WRITE", false]]);
    await owner.rows("ALTER DATABASE app SET READ_ONLY WITH ROLLBACK IMMEDIATE");
    expect(await owner.rows(state)).toEqual([["READ_ONLY", true]]);
    for (const text of [
      "INSERT INTO dbo.T (Id) VALUES (2)",
      "UPDATE dbo.T SET Id = 3",
      "DELETE dbo.T",
      "TRUNCATE TABLE dbo.T",
      "CREATE TABLE dbo.N (Id int)",
      "SELECT * INTO dbo.N FROM dbo.T",
      "GRANT SELECT ON dbo.T TO worker",
      "BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (2); COMMIT",
    ]) {
      expect((await errorsOf(owner, text))[0]).toEqual(refusal);
    }
    await owner.rows("CREATE TABLE #own (Id int); INSERT INTO #own SELECT Id FROM dbo.T; SELECT * FROM #own");
    await owner.rows("ALTER DATABASE CURRENT SET READ_WRITE");
    await owner.rows("INSERT INTO dbo.T (Id) VALUES (2)");
    expect(await owner.rows("SELECT Id FROM dbo.T")).toEqual([[1], [2]]);
  });

  it("is not made while somebody writes", async () => {
    const writer = await server.connect();
    await writer.batch("BEGIN TRAN; INSERT INTO dbo.T (Id) VALUES (2)");
    const master = await server.connect("master");
    expect(await numbersOf(master, "ALTER DATABASE app SET READ_ONLY WITH NO_WAIT")).toEqual([5070]);
    const made = master.batch("ALTER DATABASE app SET READ_ONLY");
    await writer.batch("COMMIT");
    expect((await made).errors).toEqual([]);
    expect((await errorsOf(writer, "DELETE dbo.T"))[0]).toEqual(refusal);
  });
});

it("outlive the server: users, permissions and READ_ONLY are the database's", async () => {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  {
    await using first = await openEngine({ folder });
    const session = await first.connect();
    await session.rows("CREATE USER tenant WITH PASSWORD = 'own'; CREATE TABLE T (a int)");
    await session.rows("GRANT INSERT ON T TO tenant; ALTER DATABASE CURRENT SET READ_ONLY");
  }
  await using second = await openEngine({ folder });
  const tenant = await second.connect("app", { user: "tenant", password: "own" });
  expect(await numbersOf(tenant, "SELECT * FROM T")).toEqual([229]);
  expect((await numbersOf(tenant, "INSERT INTO T VALUES (1)"))[0]).toBe(3906);
  rmSync(folder, { recursive: true, force: true });
});
