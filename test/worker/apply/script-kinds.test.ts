import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScriptKind } from "../../../model/package/manifest.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import { decideScript } from "../../../worker/apply/decide-scripts.ts";
import { type Applied, apply } from "../support/apply-task.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

const oldHash = "A".repeat(40);
const hash = "B".repeat(40);
const scriptId = "14b75381-1df2-4484-b17b-d2ad06c478f9";

describe("decideScript", () => {
  const decide = (kind: ScriptKind, hashes: readonly string[], changed: RunPlan["changedScript"] = "fail") =>
    decideScript(
      { manifest: { kind, scriptId, legacySha1: hash } as never },
      new Map(hashes.length > 0 ? [[scriptId, hashes]] : []),
      changed,
    );

  it.each<[kind: ScriptKind, what: string, hashes: readonly string[], decision: string]>([
    ["always", "the same text", [hash], "run"],
    ["run-once", "nothing", [], "run"],
    ["run-once", "the same text", [hash], "skipped"],
    ["run-once", "the same text, in lower case", [hash.toLowerCase()], "skipped"],
    ["run-once", "the same text, and another later", [hash, oldHash], "skipped"],
    ["run-once", "a text without a hash", [""], "skipped"],
    ["run-once", "another text", [oldHash], "refused"],
    ["on-change", "nothing", [], "run"],
    ["on-change", "the same text", [oldHash, hash], "skipped"],
    ["on-change", "another text", [oldHash], "run"],
    ["on-change", "another text last", [hash, oldHash], "run"],
    ["on-change", "a text without a hash", [""], "run"],
  ])("%s, after %s was committed", (kind, _what, hashes, decision) => {
    expect(decide(kind, hashes)).toBe(decision);
  });

  it("does with a changed run-once script what the run says", () => {
    expect(decide("run-once", [oldHash], "warn")).toBe("skippedChanged");
    expect(decide("run-once", [oldHash], "run")).toBe("run");
  });
});

describe("scripts in a database that has run them before", () => {
  let sql: SqlUnderTest;

  beforeAll(async () => {
    sql = await startSqlUnderTest();
  });

  afterAll(async () => {
    await sql.stop();
  });

  const setup = "CREATE TABLE dbo.Effect (Text nvarchar(50) NOT NULL);";
  const insert = (text: string): string => `INSERT INTO dbo.Effect (Text) VALUES (N'${text}');`;

  async function effects(database: string): Promise<unknown[]> {
    const rows = await sql.query(database, "SELECT Text FROM dbo.Effect ORDER BY Text");
    return rows.map((row) => row["Text"]);
  }

  interface Again {
    readonly kind: ScriptKind;
    readonly texts: readonly string[];
    readonly plan?: Partial<RunPlan>;
  }

  /** One run per text, the same script each time, in a database of its own. */
  async function runEach({ kind, texts, plan }: Again): Promise<{ database: string; applied: Applied[] }> {
    const database = await sql.createDatabase(setup);
    const applied: Applied[] = [];
    for (const text of texts) {
      const scripts = [{ text: insert(text), kind }];
      applied.push(await apply(sql, { databases: [database], scripts, ...(plan && { plan }) }));
    }
    return { database, applied };
  }

  const statesOf = (applied: readonly Applied[]): string[] => applied.map(({ outcome }) => outcome.state);

  it("runs a run-once script once", async () => {
    const { database, applied } = await runEach({ kind: "run-once", texts: ["a", "a"] });
    expect(statesOf(applied)).toEqual(["committed", "alreadyApplied"]);
    expect(await effects(database)).toEqual(["a"]);
  });

  it("runs an on-change script again when its text is another than the last", async () => {
    const { database, applied } = await runEach({ kind: "on-change", texts: ["a", "a", "b", "b", "a"] });
    expect(statesOf(applied)).toEqual([
      "committed",
      "alreadyApplied",
      "committed",
      "alreadyApplied",
      "committed",
    ]);
    expect(await effects(database)).toEqual(["a", "a", "b"]);
  });

  it("runs an always script in every run", async () => {
    const { database } = await runEach({ kind: "always", texts: ["a", "a"] });
    expect(await effects(database)).toEqual(["a", "a"]);
  });

  it.each(["package", "script", "none"] as const)(
    "refuses a changed run-once script before anything runs (transaction %s)",
    async (transaction) => {
      const database = await sql.createDatabase(setup);
      const plan = { changedScript: "fail", transaction } as const;
      const first = [
        { text: insert("other"), kind: "always" as const },
        { text: insert("a"), kind: "run-once" as const },
      ];
      await apply(sql, { databases: [database], scripts: first, plan });
      const second = [first[0]!, { ...first[1]!, text: insert("b") }];
      const { outcome } = await apply(sql, { databases: [database], scripts: second, plan });
      expect(outcome).toMatchObject({
        state: "failed",
        attempts: 1,
        error: { code: "ScriptChanged", script: "script2.sql", database },
      });
      expect(await effects(database)).toEqual(["a", "other"]);
    },
  );

  it("skips a changed run-once script with a warning, when the run says warn", async () => {
    const { database, applied } = await runEach({
      kind: "run-once",
      texts: ["a", "b"],
      plan: { changedScript: "warn" },
    });
    expect(statesOf(applied)).toEqual(["committed", "alreadyApplied"]);
    expect(applied[1]!.log.join("\n")).toMatch(/WARNING: run-once and committed before with another text/);
    expect(await effects(database)).toEqual(["a"]);
  });

  it("runs a changed run-once script again, when the run says run", async () => {
    const { database, applied } = await runEach({
      kind: "run-once",
      texts: ["a", "b", "b"],
      plan: { changedScript: "run" },
    });
    expect(statesOf(applied)).toEqual(["committed", "committed", "alreadyApplied"]);
    expect(await effects(database)).toEqual(["a", "b"]);
  });

  it("counts what sbm committed, also where its log table is of old", async () => {
    const database = await sql.createDatabase(
      `${setup}
      CREATE TABLE dbo.SqlBuild_Logging (BuildFileName varchar(300) NOT NULL, ScriptFileName varchar(300) NOT NULL,
        ScriptId uniqueidentifier, ScriptFileHash varchar(100), CommitDate datetime NOT NULL);
      INSERT INTO dbo.SqlBuild_Logging (BuildFileName, ScriptFileName, ScriptId, CommitDate)
        VALUES ('old', 'old', '${scriptId}', GETDATE());`,
    );
    const before = { text: insert("before"), kind: "run-once", scriptId } as const;
    const apply2 = () => apply(sql, { databases: [database], scripts: [before, { text: insert("new") }] });
    expect((await apply2()).outcome.state).toBe("committed");
    // The first of them has added the columns, empty for the row of old.
    expect((await apply2()).outcome.state).toBe("committed");
    expect(await effects(database)).toEqual(["new", "new"]);
  });

  it("runs again what the log table allows to (AllowScriptBlock = 0)", async () => {
    const { database } = await runEach({ kind: "run-once", texts: ["a"] });
    await sql.query(database, "UPDATE dbo.SqlBuild_Logging SET AllowScriptBlock = 0");
    const scripts = [{ text: insert("a"), kind: "run-once" as const }];
    expect((await apply(sql, { databases: [database], scripts })).outcome.state).toBe("committed");
    expect(await effects(database)).toEqual(["a", "a"]);
  });
});
