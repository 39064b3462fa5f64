import { describe, expect, it } from "vitest";
import { type LogRow, planClosing } from "../../../worker/apply/statements/closing.ts";

const key = {
  runId: "20260101-000000-abcdef",
  targetId: "000001",
  workerId: "w",
  packageHash: "0".repeat(64),
};
const context = {
  buildFileName: "x".repeat(400),
  buildProjectHash: "H",
  buildRequestedBy: "me",
  runWithVersion: "v".repeat(30),
  targetDatabase: "db",
  description: "",
};
const row = (sequence: number): LogRow => ({
  fileName: `${sequence}.sql`,
  scriptId: "14b75381-1df2-4484-b17b-d2ad06c478f9",
  hash: "D11EC16B42974E9B412281A63B8911C49084BEC8",
  sequence,
  text: "SELECT 1",
  tag: "",
  startedAgo: 20,
  endedAgo: 10,
});
const rows = (count: number): LogRow[] => Array.from({ length: count }, (_, index) => row(index + 1));

const commit = { key, step: 0, ending: "commit", context } as const;

describe("planClosing", () => {
  it("is one batch for a package of the usual size, ending in COMMIT", () => {
    const batches = planClosing({ ...commit, rows: rows(3) });
    expect(batches).toHaveLength(1);
    const [batch = ""] = batches;
    expect(batch.match(/14b75381-1df2-4484-b17b-d2ad06c478f9/g)).toHaveLength(3);
    expect(batch.indexOf("XACT_ABORT ON")).toBeLessThan(batch.indexOf("INSERT"));
    expect(batch.indexOf("COMMIT")).toBeGreaterThan(batch.indexOf("@@ROWCOUNT"));
    // Outside, it would be next after an inner statement that does not compile.
    expect(batch.indexOf("COMMIT")).toBeLessThan(batch.indexOf("', N'@runId"));
  });

  it("never sends more rows or parameters than SQL Server takes, and commits in the last batch only", () => {
    const batches = planClosing({ ...commit, rows: rows(1_001) });
    const count = (pattern: RegExp): number[] => batches.map((batch) => batch.match(pattern)?.length ?? 0);
    expect(count(/14b75381/g)).toEqual([500, 500, 1]);
    expect(Math.max(...count(/, @\w+ = /g))).toBeLessThanOrEqual(2_098);
    expect(count(/COMMIT/g)).toEqual([0, 0, 1]);
  });

  it("cuts values to the log table's widths", () => {
    const [batch = ""] = planClosing({ ...commit, rows: rows(1) });
    expect(batch).toContain(`N''${"x".repeat(300)}''`);
    expect(batch).toContain(`N''${"v".repeat(20)}''`);
  });

  it("takes every text for what it is, also a script that looks like the end of a literal", () => {
    const text = "PRINT 'it''s'; --';\nDROP TABLE dbo.Customer; --";
    const [batch = ""] = planClosing({ ...commit, rows: [{ ...row(1), text, tag: "o'tag" }] });
    expect(batch).toContain(`@text0 = N'${text.replaceAll("'", "''")}'`);
    // Quoted twice: it stands in the inner statement.
    expect(batch).toContain("N''o''''tag''");
  });

  it("rolls a trial back, and gives a script without transaction one for its rows", () => {
    const [trial = ""] = planClosing({ ...commit, ending: "rollback", rows: rows(1) });
    expect(trial).toContain("ROLLBACK TRANSACTION;\nBEGIN TRANSACTION;'");
    const [none = ""] = planClosing({ ...commit, step: 4, ending: "none", rows: rows(1) });
    expect(none.indexOf("BEGIN TRANSACTION")).toBeLessThan(none.indexOf("INSERT"));
    expect(none).toContain("COMMIT TRANSACTION;'");
  });
});
