import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineProfile } from "../../support/engine-profile.ts";
import { apply, newRun } from "../support/apply-task.ts";
import { readEffects } from "../support/effects.ts";
import { untilLocked } from "../support/until-locked.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

/** What becomes of one database. Holds on a real SQL Server, too: see the engine profile. */
let sql: SqlUnderTest;
const { numbers } = engineProfile;

const setup = "CREATE TABLE dbo.Effect (Id int NOT NULL PRIMARY KEY, Text nvarchar(50) NOT NULL);";
const insert = (id: number): string => `INSERT INTO dbo.Effect (Id, Text) VALUES (${id}, N'x');`;

beforeAll(async () => {
  sql = await startSqlUnderTest();
});

afterAll(async () => {
  await sql.stop();
});

const effects = (database: string): Promise<unknown[]> => readEffects(sql, database);

async function hasTable(database: string, name: string): Promise<boolean> {
  const rows = await sql.query(database, `SELECT OBJECT_ID(N'dbo.${name}', N'U') AS Id`);
  return rows[0]?.["Id"] !== null;
}

describe("one transaction per database", () => {
  it("commits the scripts with their log rows and the journal", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: `${insert(1)}\nGO\n${insert(2)}`, tag: "t1" }, { text: "PRINT 'two'" }],
      plan: { description: "a release" },
    });
    expect(outcome).toMatchObject({
      state: "committed",
      attempts: 1,
      databases: [{ name: database, state: "committed" }],
    });
    expect(await effects(database)).toEqual([1, 2]);
    const rows = await sql.query(database, "SELECT * FROM dbo.SqlBuild_Logging ORDER BY Sequence");
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      BuildFileName: "release-42",
      ScriptFileName: "script1.sql",
      Sequence: 1,
      Tag: "t1",
      TargetDatabase: database,
      Description: "a release",
      AllowScriptBlock: true,
    });
    expect(rows[0]?.["ScriptText"]).toContain("INSERT INTO dbo.Effect");
    expect(rows[0]?.["ScriptFileHash"]).toMatch(/^[0-9A-F]{40}$/);
    const journal = await sql.query(database, "SELECT State, Step FROM dbo.SqlFleet_Journal");
    expect(journal).toEqual([{ State: "committed", Step: 0 }]);
  });

  it("rolls everything back on an error, and says number, script and line", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insert(1) }, { text: `-- first line\n${insert(2)}\nGO\n\nSELECT 1;\n${insert(2)}` }],
    });
    expect(outcome).toMatchObject({
      state: "rolledBack",
      attempts: 1,
      error: { code: "SqlFailed", number: numbers.duplicateKey, script: "script2.sql", line: 6, database },
    });
    expect(await effects(database)).toEqual([]);
    expect(await hasTable(database, "SqlBuild_Logging")).toBe(false);
  });

  it("does nothing when an earlier delivery has committed", async () => {
    const database = await sql.createDatabase(setup);
    const task = { databases: [database], scripts: [{ text: insert(1) }], run: newRun() };
    await apply(sql, task);
    const { outcome } = await apply(sql, task);
    expect(outcome.state).toBe("committed");
    expect(await effects(database)).toEqual([1]);
  });

  it("leaves nothing behind after a trial", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insert(1) }],
      plan: { mode: "trial" },
    });
    expect(outcome.state).toBe("trialRolledBack");
    expect(await effects(database)).toEqual([]);
    expect(await hasTable(database, "SqlFleet_Journal")).toBe(false);
  });

  it("says of a trial whose script ends the transaction unseen that it failed", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: `${insert(1)}\nEXEC (N'COMMIT');` }, { text: "SELECT 1 AS One" }],
      plan: { mode: "trial" },
    });
    expect(outcome).toMatchObject({ state: "failed", attempts: 1 });
    expect(outcome.error?.message).toMatch(/transaction/);
  });

  it("cancels a batch that takes too long", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: `${insert(1)}\nWAITFOR DELAY '00:00:20'`, timeoutSeconds: 1 }],
    });
    expect(outcome).toMatchObject({ state: "rolledBack", error: { code: "SqlTimeout" } });
    expect(await effects(database)).toEqual([]);
  });

  it("rolls back on an order to stop", async () => {
    const database = await sql.createDatabase(setup);
    const stop = new AbortController();
    const ended = apply(sql, {
      databases: [database],
      scripts: [{ text: `${insert(1)}\nWAITFOR DELAY '00:00:20'` }],
      signal: stop.signal,
    });
    await untilLocked(sql, database);
    stop.abort("runCancelled");
    const { outcome } = await ended;
    expect(outcome).toMatchObject({ state: "rolledBack", error: { code: "RunCancelled" } });
    expect(await effects(database)).toEqual([]);
  });

  it("does not commit a target that is not its own any more", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insert(1) }],
      mayCommit: () => false,
    });
    expect(outcome.state).toBe("rolledBack");
    expect(await effects(database)).toEqual([]);
  });

  it("gives way to another runner of the same database", async () => {
    const database = await sql.createDatabase(setup);
    const stop = new AbortController();
    const slow = [{ text: `${insert(2)}\nWAITFOR DELAY '00:00:20'` }];
    const holding = apply(sql, { databases: [database], scripts: slow, signal: stop.signal });
    await untilLocked(sql, database);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insert(1) }],
      plan: { retry: { attempts: 1 } },
    });
    expect(outcome).toMatchObject({ state: "failed", error: { code: "DatabaseBusy" } });
    stop.abort("runCancelled");
    await holding;
    expect(await effects(database)).toEqual([]);
  });

  it("undoes a script that may fail to its savepoint, and goes on", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [
        { text: insert(1) },
        { text: `${insert(2)}\n${insert(1)}`, causesBuildFailure: false, rollBackOnError: true },
        { text: insert(3) },
      ],
    });
    expect(outcome.state).toBe("committed");
    expect(await effects(database)).toEqual([1, 3]);
    const rows = await sql.query(database, "SELECT Sequence FROM dbo.SqlBuild_Logging ORDER BY Sequence");
    expect(rows.map((row) => row["Sequence"])).toEqual([1, 3]);
  });

  it.each([
    ["COMMIT", "COMMIT TRANSACTION;", "failed"],
    ["ROLLBACK", "ROLLBACK TRANSACTION;", "failed"],
    ["ROLLBACK and BEGIN", "ROLLBACK TRANSACTION; BEGIN TRANSACTION;", "failed"],
    ["an open BEGIN", "BEGIN TRANSACTION;", "rolledBack"],
  ])("does not take a script with %s for a success", async (_name, text, state) => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, { databases: [database], scripts: [{ text }, { text: insert(1) }] });
    expect(outcome.state).toBe(state);
    expect(outcome.error?.message).toMatch(/transaction/);
  });

  it("writes what scripts print and answer", async () => {
    const database = await sql.createDatabase(setup);
    const { log } = await apply(sql, {
      databases: [database],
      scripts: [{ text: "PRINT 'hello';\nSELECT 7 AS Seven;" }],
    });
    expect(log).toEqual(expect.arrayContaining(["hello", "Seven", "7"]));
  });
});

describe("one transaction per script, or none", () => {
  it.each(["script", "none"] as const)("commits all scripts, with %s", async (transaction) => {
    const database = await sql.createDatabase(setup);
    const scripts = [1, 2, 3].map((id) => ({ text: insert(id) }));
    const { outcome } = await apply(sql, { databases: [database], scripts, plan: { transaction } });
    expect(outcome).toMatchObject({ state: "committed", attempts: 1 });
    expect(await effects(database)).toEqual([1, 2, 3]);
    const journal = await sql.query(database, "SELECT Step, State FROM dbo.SqlFleet_Journal ORDER BY Step");
    expect(journal).toEqual([1, 2, 3].map((Step) => ({ Step, State: "committed" })));
    const logged = await sql.query(database, "SELECT Sequence FROM dbo.SqlBuild_Logging ORDER BY Sequence");
    expect(logged).toHaveLength(3);
  });

  it("keeps what was committed before a script failed", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insert(1) }, { text: `${insert(2)}\n${insert(1)}` }, { text: insert(3) }],
      plan: { transaction: "script" },
    });
    expect(outcome).toMatchObject({
      state: "failed",
      error: { number: numbers.duplicateKey, script: "script2.sql" },
    });
    expect(await effects(database)).toEqual([1]);
  });

  it("goes on where an earlier delivery ended", async () => {
    const database = await sql.createDatabase(setup);
    const run = newRun();
    const plan = { transaction: "script" } as const;
    const first = [{ text: insert(1) }, { text: "SELECT 1 / 0 AS Zero" }];
    expect((await apply(sql, { databases: [database], scripts: first, plan, run })).outcome.state).toBe(
      "failed",
    );
    const second = [{ text: insert(1) }, { text: insert(2) }];
    expect((await apply(sql, { databases: [database], scripts: second, plan, run })).outcome.state).toBe(
      "committed",
    );
    expect(await effects(database)).toEqual([1, 2]);
  });

  it("runs without a transaction what cannot run in one", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: `${insert(1)}\nGO\n${insert(2)}\n${insert(1)}` }],
      plan: { transaction: "none" },
    });
    expect(outcome).toMatchObject({ state: "failed", error: { number: numbers.duplicateKey } });
    expect(await effects(database)).toEqual([1, 2]);
  });
});
