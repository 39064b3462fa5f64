import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { TdsServer } from "../../../local/sql-server/tds/server.ts";
import type { FaultFacts } from "../../../local/sql-server/tds/faults.ts";
import { engineProfile } from "../../support/engine-profile.ts";
import { apply, newRun } from "../support/apply-task.ts";
import { effectTable, insertEffect, readEffects } from "../support/effects.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

describe.runIf(engineProfile.canBeDisturbed)("apply, disturbed", () => {
  let sql: SqlUnderTest;
  let server: TdsServer;

  beforeAll(async () => {
    sql = await startSqlUnderTest();
    server = sql.standIn!;
  });

  afterEach(() => {
    server.faults.clear();
  });

  afterAll(async () => {
    await sql.stop();
  });

  const effects = (database: string): Promise<unknown[]> => readEffects(sql, database);

  const isOpening = ({ text }: FaultFacts): boolean => text.includes("sp_getapplock");
  const isScript = ({ text }: FaultFacts): boolean => text.startsWith("INSERT INTO dbo.Effect");
  const isCommit = ({ text }: FaultFacts): boolean => text.includes("COMMIT TRANSACTION");

  it.each([
    ["opening", isOpening],
    ["script", isScript],
    ["COMMIT", isCommit],
  ])("applies once when the connection is cut at the %s, whenever", async (_name, matches) => {
    for (const moment of ["before", "during", "after"] as const) {
      const database = await sql.createDatabase(effectTable);
      const fault = server.faults.add({ stage: "request", matches, effect: { kind: "cut", moment } });
      const { outcome } = await apply(sql, { databases: [database], scripts: [{ text: insertEffect }] });
      expect(fault.struck).toBe(1);
      expect(outcome.state).toBe("committed");
      expect(await effects(database)).toEqual([1]);
      fault.remove();
    }
  });

  it("finds out from the journal that a lost COMMIT had landed, with no try left", async () => {
    const database = await sql.createDatabase(effectTable);
    server.faults.add({ stage: "request", matches: isCommit, effect: { kind: "cut", moment: "after" } });
    const { outcome, log } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insertEffect }],
      plan: { retry: { attempts: 1 } },
    });
    expect(outcome).toMatchObject({ state: "committed", attempts: 1 });
    expect(log).toContain("The journal says: committed.");
    expect(await effects(database)).toEqual([1]);
  });

  it("finds out that a lost COMMIT had not landed, and says rolledBack", async () => {
    const database = await sql.createDatabase(effectTable);
    server.faults.add({ stage: "request", matches: isCommit, effect: { kind: "cut", moment: "before" } });
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insertEffect }],
      plan: { retry: { attempts: 1 } },
    });
    expect(outcome).toMatchObject({ state: "rolledBack", error: { code: "SqlTransient" } });
    expect(await effects(database)).toEqual([]);
  });

  it("tries again after a deadlock, and says how often", async () => {
    const database = await sql.createDatabase(effectTable);
    const effect = { kind: "error", number: 1205, message: "Deadlock.", class: 13, rollsBack: true } as const;
    server.faults.add({ stage: "request", matches: isScript, effect, times: 2 });
    const { outcome } = await apply(sql, { databases: [database], scripts: [{ text: insertEffect }] });
    expect(outcome).toMatchObject({ state: "committed", attempts: 3 });
    expect(await effects(database)).toEqual([1]);
  });

  it("gives up after as many tries as the run allows", async () => {
    const database = await sql.createDatabase(effectTable);
    const effect = { kind: "error", number: 40501, message: "The service is busy." } as const;
    server.faults.add({ stage: "request", matches: isOpening, effect, times: Infinity });
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insertEffect }],
      plan: { retry: { attempts: 2 } },
    });
    expect(outcome).toMatchObject({ attempts: 2, error: { code: "SqlTransient", number: 40501 } });
    expect(await effects(database)).toEqual([]);
  });

  it("goes on script by script after a lost COMMIT", async () => {
    const database = await sql.createDatabase(effectTable);
    server.faults.add({ stage: "request", matches: isCommit, effect: { kind: "cut", moment: "after" } });
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts: [{ text: insertEffect }, { text: insertEffect }],
      plan: { transaction: "script" },
    });
    expect(outcome.state).toBe("committed");
    expect(await effects(database)).toEqual([1, 1]);
  });

  it("does not run again what was cut outside a transaction", async () => {
    const database = await sql.createDatabase(effectTable);
    server.faults.add({ stage: "request", matches: isScript, effect: { kind: "cut", moment: "after" } });
    const task = {
      databases: [database],
      scripts: [{ text: insertEffect }],
      plan: { transaction: "none" },
      run: newRun(),
    } as const;
    expect((await apply(sql, task)).outcome).toMatchObject({
      state: "failed",
      error: { code: "CommitUnknown" },
    });
    expect((await apply(sql, task)).outcome).toMatchObject({
      state: "failed",
      error: { code: "CommitUnknown" },
    });
    expect(await effects(database)).toEqual([1]);
  });

  it("says of a denied statement of its own that a permission is missing, and tries once", async () => {
    const database = await sql.createDatabase(effectTable);
    const matches = ({ text }: FaultFacts): boolean => text.includes("CREATE TABLE dbo.SqlFleet_Journal");
    const effect = {
      kind: "error",
      number: 262,
      message: "CREATE TABLE permission denied.",
      class: 14,
    } as const;
    server.faults.add({ stage: "request", matches, effect });
    const { outcome } = await apply(sql, { databases: [database], scripts: [{ text: insertEffect }] });
    expect(outcome).toMatchObject({ state: "failed", attempts: 1, error: { code: "PermissionMissing" } });
    expect(await effects(database)).toEqual([]);
  });
});
