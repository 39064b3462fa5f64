import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apply } from "../support/apply-task.ts";
import { effectTable, readEffects } from "../support/effects.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

let sql: SqlUnderTest;

beforeAll(async () => {
  sql = await startSqlUnderTest();
});

afterAll(async () => {
  await sql.stop();
});

const insert = (id: number): string => `INSERT INTO dbo.Effect (Id) VALUES (${id});`;

describe("the log table", () => {
  it("gets what it lacks where it is of old, and keeps its rows", async () => {
    const database = await sql.createDatabase(
      `${effectTable}
      CREATE TABLE dbo.SqlBuild_Logging (BuildFileName varchar(300) NOT NULL, ScriptFileName varchar(300) NOT NULL,
        ScriptId uniqueidentifier, ScriptFileHash varchar(100), CommitDate datetime NOT NULL);
      INSERT INTO dbo.SqlBuild_Logging (BuildFileName, ScriptFileName, CommitDate) VALUES ('old', 'old', GETDATE());`,
    );
    const { outcome } = await apply(sql, { databases: [database], scripts: [{ text: insert(1) }] });
    expect(outcome.state).toBe("committed");
    const rows = await sql.query(database, "SELECT BuildFileName, Sequence FROM dbo.SqlBuild_Logging");
    expect(rows).toHaveLength(2);
  });

  it("has nothing committed beside it when it has lost a column, though the closing does not even compile", async () => {
    const database = await sql.createDatabase(effectTable);
    await apply(sql, { databases: [database], scripts: [{ text: insert(1) }] });
    await sql.query(database, "ALTER TABLE dbo.SqlBuild_Logging DROP COLUMN Description;");
    const { outcome } = await apply(sql, { databases: [database], scripts: [{ text: insert(2) }] });
    expect(outcome).toMatchObject({ state: "rolledBack", error: { number: 207 } });
    expect(await readEffects(sql, database)).toEqual([1]);
  });

  it("keeps a script's text as it is, whatever a literal would make of it", async () => {
    const database = await sql.createDatabase(effectTable);
    const text = `${insert(1)}\n-- C:\\temp\\\n-- D:\\\\\r\n-- '' it's \u00fc \\`;
    const { outcome } = await apply(sql, { databases: [database], scripts: [{ text }] });
    expect(outcome.state).toBe("committed");
    const [row] = await sql.query(database, "SELECT ScriptText FROM dbo.SqlBuild_Logging");
    expect(row?.["ScriptText"]).toBe(text);
  });
});
