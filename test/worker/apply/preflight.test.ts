import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../../worker/apply/sql/connect.ts";
import { type Applied, apply } from "../support/apply-task.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

let sql: SqlUnderTest;

const setup = "CREATE TABLE dbo.Effect (Id int NOT NULL);";
const insert = "INSERT INTO dbo.Effect (Id) VALUES (1);";

beforeAll(async () => {
  sql = await startSqlUnderTest();
});

afterAll(async () => {
  await sql.stop();
});

async function count(database: string): Promise<unknown> {
  return (await sql.query(database, "SELECT COUNT(*) AS N FROM dbo.Effect"))[0]?.["N"];
}

/**
 * The server is asked something else than the product asks: what a database in another state would answer. Whatever
 * the product then sends is counted.
 */
async function applyTo(
  database: string,
  asked: string | RegExp,
  instead: string,
): Promise<Applied & { readonly sent: number }> {
  let sent = 0;
  const applied = await apply(sql, {
    databases: [database],
    scripts: [{ text: insert }],
    context: {
      connect: async (login) => {
        const session = await connect(login);
        return {
          ...session,
          batch: (text, options) => {
            if (!text.startsWith("IF @@TRANCOUNT")) sent += 1;
            return session.batch(text.replace(asked, instead), options);
          },
        };
      },
    },
  });
  return { ...applied, sent };
}

describe("what is looked at before the first batch, without a round trip of its own", () => {
  it("refuses a read-only database", async () => {
    const database = await sql.createDatabase(setup);
    const asked = "DATABASEPROPERTYEX(DB_NAME(), N''Updateability'')";
    const { outcome, sent } = await applyTo(database, asked, "N''READ_ONLY''");
    expect(outcome).toMatchObject({
      state: "failed",
      attempts: 1,
      error: { code: "DatabaseReadOnly", database },
    });
    expect(sent).toBe(1);
    expect(await count(database)).toBe(0);
  });

  it("refuses a login that may not make the log table, where it is missing", async () => {
    const database = await sql.createDatabase(setup);
    const asked = "HAS_PERMS_BY_NAME(DB_NAME(), N''DATABASE'', N''CREATE TABLE'')";
    const { outcome, sent } = await applyTo(database, asked, "0");
    expect(outcome).toMatchObject({ state: "failed", attempts: 1, error: { code: "PermissionMissing" } });
    expect(sent).toBe(1);

    await apply(sql, { databases: [database], scripts: [{ text: insert }] });
    const again = await applyTo(database, asked, "0");
    expect(again.outcome.state).toBe("committed");
    expect(await count(database)).toBe(2);
  });

  it("refuses a login that may not write the log table", async () => {
    const database = await sql.createDatabase(setup);
    const asked = "HAS_PERMS_BY_NAME(N''dbo.SqlBuild_Logging'', N''OBJECT'', N''INSERT'')";
    const { outcome } = await applyTo(database, asked, "0");
    expect(outcome).toMatchObject({ state: "failed", error: { code: "PermissionMissing" } });
    expect(await count(database)).toBe(0);
  });
});
