import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineProfile } from "../../support/engine-profile.ts";
import { apply } from "../support/apply-task.ts";
import { readEffects } from "../support/effects.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

let sql: SqlUnderTest;
const { numbers } = engineProfile;

const setup = "CREATE TABLE dbo.Effect (Id int NOT NULL PRIMARY KEY);";
const insert = (id: number): string => `INSERT INTO dbo.Effect (Id) VALUES (${id});`;

beforeAll(async () => {
  sql = await startSqlUnderTest();
});

afterAll(async () => {
  await sql.stop();
});

describe("several databases", () => {
  it("commits them in order, and stops at the first that fails", async () => {
    const names = [
      await sql.createDatabase(setup),
      await sql.createDatabase(setup),
      await sql.createDatabase(setup),
    ];
    const { outcome } = await apply(sql, {
      databases: names,
      scripts: [
        { text: insert(1), database: "d1" },
        { text: `${insert(1)}${insert(1)}`, database: "d2" },
        { text: insert(1), database: "d3" },
      ],
    });
    expect(outcome.state).toBe("failed");
    expect(outcome.databases.map(({ state }) => state)).toEqual(["committed", "rolledBack", "cancelled"]);
    expect(await Promise.all(names.map((name) => readEffects(sql, name)))).toEqual([[1], [], []]);
  });
});

describe("what is never begun", () => {
  it("sends no password to a server that is not allowed", async () => {
    const { outcome } = await apply(sql, {
      databases: ["any"],
      scripts: [{ text: insert(1) }],
      context: {
        allowedServers: ["*.database.windows.net"],
        connect: () => Promise.reject(new Error("connected")),
      },
    });
    expect(outcome).toMatchObject({ state: "failed", error: { code: "ServerNotAllowed" } });
  });

  it("does not name the login it was refused", async () => {
    const database = await sql.createDatabase(setup);
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insert(1) }],
      context: { auth: { kind: "Password", userName: "canary-user", password: "canary-password" } },
    });
    expect(outcome).toMatchObject({
      state: "failed",
      error: { code: "SqlLoginFailed", number: numbers.loginFailed },
    });
    expect(JSON.stringify(outcome)).not.toContain("canary");
  });

  it("says that a database is not there", async () => {
    const { outcome } = await apply(sql, { databases: ["no_such_db"], scripts: [{ text: insert(1) }] });
    expect(outcome).toMatchObject({
      state: "failed",
      error: { code: "DatabaseUnavailable", number: numbers.missingDatabase },
    });
  });
});
