import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConnect } from "../../../worker/apply/sql/connect.ts";
import { engineProfile } from "../../support/engine-profile.ts";
import { type Applied, apply } from "../support/apply-task.ts";
import { effectTable, insertEffect, readEffects } from "../support/effects.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

const connect = createConnect();
let sql: SqlUnderTest;
/** The same server, for a login that may do what a test grants it and nothing else. */
let limited: SqlUnderTest;

const login = `sqlfleet_limited_${process.pid}`;
const password = "Lim1ted-Passw0rd!";

beforeAll(async () => {
  sql = await startSqlUnderTest();
  await sql.query("master", `CREATE LOGIN ${login} WITH PASSWORD = '${password}';`);
  limited = { ...sql, auth: { kind: "Password", userName: login, password } };
});

afterAll(async () => {
  await sql.query("master", `DROP LOGIN ${login};`);
  await sql.stop();
});

/** A database the limited login is a user of, with these rights. */
async function createDatabase(rights: string): Promise<string> {
  const database = await sql.createDatabase(effectTable);
  await sql.query(database, `CREATE USER ${login} FOR LOGIN ${login};\n${rights}`);
  return database;
}

const readAndWrite = `ALTER ROLE db_datareader ADD MEMBER ${login};\nALTER ROLE db_datawriter ADD MEMBER ${login};`;

const effects = (database: string): Promise<unknown[]> => readEffects(sql, database);

/** @returns also how many batches the product sent of its own, but those that begin a step */
async function applyTo(server: SqlUnderTest, database: string): Promise<Applied & { readonly sent: number }> {
  let sent = 0;
  const applied = await apply(server, {
    databases: [database],
    scripts: [{ text: insertEffect }],
    context: {
      connect: async (to) => {
        const session = await connect(to);
        return {
          ...session,
          batch: (text, options) => {
            if (!text.startsWith("IF @@TRANCOUNT")) sent += 1;
            return session.batch(text, options);
          },
        };
      },
    },
  });
  return { ...applied, sent };
}

describe("what is looked at before the first batch, without a round trip of its own", () => {
  it("refuses a read-only database", async () => {
    const database = await sql.createDatabase(effectTable);
    await sql.query("master", `ALTER DATABASE [${database}] SET READ_ONLY WITH ROLLBACK IMMEDIATE;`);
    const { outcome, sent } = await applyTo(sql, database);
    expect(outcome).toMatchObject({
      state: "failed",
      attempts: 1,
      error: { code: "DatabaseReadOnly", database },
    });
    expect(sent).toBe(1);
    await sql.query("master", `ALTER DATABASE [${database}] SET READ_WRITE WITH ROLLBACK IMMEDIATE;`);
    expect(await effects(database)).toEqual([]);
    expect((await applyTo(sql, database)).outcome.state).toBe("committed");
  });

  it("refuses a login that may not make the log table, where it is missing", async () => {
    const database = await createDatabase(readAndWrite);
    const { outcome, sent } = await applyTo(limited, database);
    expect(outcome).toMatchObject({ state: "failed", attempts: 1, error: { code: "PermissionMissing" } });
    expect(sent).toBe(1);

    await applyTo(sql, database);
    expect((await applyTo(limited, database)).outcome.state).toBe("committed");
    expect(await effects(database)).toEqual([1, 1]);
  });

  it("lets a login make it that may define things, read and write", async () => {
    const database = await createDatabase(`${readAndWrite}\nALTER ROLE db_ddladmin ADD MEMBER ${login};`);
    expect((await applyTo(limited, database)).outcome.state).toBe("committed");
    expect(await effects(database)).toEqual([1]);
  });

  it("refuses a login that may make the tables and not write them: they are not made", async () => {
    const database = await createDatabase(`ALTER ROLE db_ddladmin ADD MEMBER ${login};`);
    const { outcome } = await applyTo(limited, database);
    expect(outcome).toMatchObject({ state: "failed", attempts: 1, error: { code: "PermissionMissing" } });
    expect(await sql.query(database, "SELECT OBJECT_ID(N'dbo.SqlFleet_Journal') AS Journal")).toEqual([
      { Journal: null },
    ]);
  });

  it("refuses a login that may not read the journal", async () => {
    const database = await createDatabase(readAndWrite);
    await applyTo(sql, database);
    await sql.query(database, `DENY SELECT ON dbo.SqlFleet_Journal TO ${login};`);
    const { outcome, sent } = await applyTo(limited, database);
    expect(outcome).toMatchObject({ state: "failed", attempts: 1, error: { code: "PermissionMissing" } });
    expect(sent).toBe(1);
    expect(await effects(database)).toEqual([1]);
  });

  it("refuses a login that may not write the log table", async () => {
    const database = await createDatabase(readAndWrite);
    await applyTo(sql, database);
    await sql.query(database, `DENY INSERT ON dbo.SqlBuild_Logging TO ${login};`);
    const { outcome } = await applyTo(limited, database);
    expect(outcome).toMatchObject({ state: "failed", error: { code: "PermissionMissing" } });
    expect(await effects(database)).toEqual([1]);
  });
});

// The stand-in's identity is known by name; in Azure it is whatever the token says.
describe.runIf(engineProfile.canBeDisturbed)("an identity that is a user of the database", () => {
  it("applies with the rights docs/identity.md names, and with fewer of them does not", async () => {
    const token = engineProfile.accessToken ?? "";
    const identity: SqlUnderTest = {
      ...sql,
      auth: { kind: "ManagedIdentity", token: () => Promise.resolve(token) },
    };
    const database = await sql.createDatabase(effectTable);
    await sql.query(
      database,
      `CREATE USER [worker] FROM EXTERNAL PROVIDER;
      ALTER ROLE db_datareader ADD MEMBER [worker];
      ALTER ROLE db_datawriter ADD MEMBER [worker];`,
    );
    const { outcome } = await applyTo(identity, database);
    expect(outcome).toMatchObject({ state: "failed", error: { code: "PermissionMissing" } });
    await sql.query(database, "ALTER ROLE db_ddladmin ADD MEMBER [worker];");
    expect((await applyTo(identity, database)).outcome.state).toBe("committed");
    expect(await effects(database)).toEqual([1]);
  });
});

describe("what the package itself may not do", () => {
  it("fails it, and nothing of it stays", async () => {
    const database = await createDatabase(readAndWrite);
    await applyTo(sql, database);
    await sql.query(database, `DENY INSERT ON dbo.Effect TO ${login};`);
    const { outcome } = await applyTo(limited, database);
    expect(outcome).toMatchObject({
      state: "rolledBack",
      attempts: 1,
      error: { code: "SqlFailed", number: 229 },
    });
    expect(await effects(database)).toEqual([1]);
  });

  it("does not begin where the login is no user of the database", async () => {
    const database = await sql.createDatabase(effectTable);
    const { outcome, sent } = await applyTo(limited, database);
    expect(outcome).toMatchObject({ state: "failed", attempts: 1, error: { code: "DatabaseUnavailable" } });
    expect(sent).toBe(0);
  });
});
