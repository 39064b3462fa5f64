import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { TdsServer } from "../../../local/sql-server/tds/server.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import { engineProfile } from "../../support/engine-profile.ts";
import { apply } from "../support/apply-task.ts";
import { effectTable } from "../support/effects.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

/** What the driver sends by itself once it is logged in: SET options in one batch. No option of it leaves that out. */
const drivers = 1;

const threeBatches =
  "INSERT INTO dbo.Effect VALUES (1)\nGO\nINSERT INTO dbo.Effect VALUES (2)\nGO\nSELECT Id FROM dbo.Effect";

// Only the stand-in counts what it is asked.
describe.runIf(engineProfile.canBeDisturbed)("round trips to a database", () => {
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

  /** Requests of one target in a database that has the product's tables, besides the package's batches. */
  async function countOwn(plan: Partial<RunPlan>, scripts: number): Promise<number> {
    const database = await sql.createDatabase(effectTable);
    const task = {
      databases: [database],
      scripts: Array.from({ length: scripts }, () => ({ text: threeBatches })),
    };
    await apply(sql, task);
    const before = server.counters.read();
    const { outcome } = await apply(sql, { ...task, plan });
    const after = server.counters.read();
    expect(outcome.state).toBe(plan.mode === "trial" ? "trialRolledBack" : "committed");
    expect(after.logins - before.logins).toBe(1);
    return after.requests - before.requests - drivers - 3 * scripts;
  }

  it("are two besides the batches, however many scripts: the opening, and the closing with its COMMIT", async () => {
    expect(await countOwn({}, 1)).toBe(2);
    expect(await countOwn({}, 20)).toBe(2);
    expect(await countOwn({ mode: "trial" }, 2)).toBe(2);
  });

  it("are two for each script that is a transaction of its own, besides the opening", async () => {
    expect(await countOwn({ transaction: "script" }, 1)).toBe(3);
    expect(await countOwn({ transaction: "script" }, 4)).toBe(9);
    expect(await countOwn({ transaction: "none" }, 1)).toBe(3);
  });

  it("are three at first contact, when the tables have to be made", async () => {
    const database = await sql.createDatabase(effectTable);
    const before = server.counters.read();
    await apply(sql, { databases: [database], scripts: [{ text: threeBatches }] });
    expect(server.counters.read().requests - before.requests - drivers - 3).toBe(3);
  });

  it("begin with the driver's SET options, and nothing else of the driver's follows", async () => {
    const database = await sql.createDatabase(effectTable);
    const texts: string[] = [];
    server.faults.add({
      stage: "request",
      matches: ({ text }) => {
        texts.push(text);
        return false;
      },
      effect: { kind: "delay", moment: "before", milliseconds: 0 },
    });
    await apply(sql, { databases: [database], scripts: [{ text: "SELECT 1;" }] });
    const [first = "", ...rest] = texts;
    expect(first.split("\n").every((line) => /^set /i.test(line.trim()))).toBe(true);
    expect(rest.filter((text) => /^\s*set /i.test(text) && !text.includes("SqlFleet"))).toEqual([]);
  });
});
