import { describe, expect, it } from "vitest";
import { toPackageContent } from "../../../model/package/to-package-content.ts";
import { toLooseScript } from "../../../model/package/loose-script.ts";
import { planDatabases } from "../../../worker/apply/plan-databases.ts";
import { preparePackage } from "../../../worker/apply/prepare-package.ts";
import { runPlan } from "../support/run-plan.ts";

const script = (path: string, database: string, text = "SELECT 1", facts = {}) => ({
  ...toLooseScript(path, text),
  database,
  ...facts,
});

const prepare = (...scripts: ReturnType<typeof script>[]) =>
  preparePackage(toPackageContent("zip", scripts), runPlan({ description: "it's" }));

describe("planDatabases", () => {
  it("gives each database its scripts, in order", () => {
    const scripts = prepare(script("1.sql", "Client"), script("2.sql", "client2"), script("3.sql", ""));
    const plans = planDatabases(scripts, [
      { default: "client", override: "db1" },
      { default: "Client2", override: "db2" },
    ]);
    expect(
      plans.ok &&
        plans.value.map(({ name, scripts: its }) => [name, its.map((each) => each.manifest.fileName)]),
    ).toEqual([
      ["db1", ["1.sql", "3.sql"]],
      ["db2", ["2.sql"]],
    ]);
  });

  it("runs two default databases of one real one in one go", () => {
    const plans = planDatabases(prepare(script("1.sql", "a"), script("2.sql", "b")), [
      { default: "a", override: "db" },
      { default: "b", override: "DB" },
    ]);
    expect(plans.ok && plans.value).toHaveLength(1);
  });

  it("refuses a script without a database", () => {
    const plans = planDatabases(prepare(script("1.sql", "other")), [{ default: "client", override: "db" }]);
    expect(plans).toMatchObject({ ok: false, failures: [{ code: "ScriptWithoutDatabase" }] });
  });
});

describe("preparePackage", () => {
  it("removes USE and, where asked, transactions, fills tokens, and keeps line numbers", () => {
    const text = "USE x\nBEGIN TRAN\nPRINT '#BuildDescription#'\nGO 2\nSELECT 1";
    const [prepared] = prepare(script("1.sql", "", text, { stripTransactionText: true }));
    expect(prepared!.batches.map(({ line, count }) => [line, count])).toEqual([
      [1, 2],
      [5, 1],
    ]);
    expect(prepared!.batches[0]!.text).toContain("PRINT 'it''s'");
    expect(prepared!.batches[0]!.text).not.toMatch(/USE|BEGIN TRAN/);
    expect(prepared!.text).toBe(text);
  });
});
