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

describe("planClosing", () => {
  it("is one call for a package of the usual size, ending in COMMIT", () => {
    const calls = planClosing({ key, step: 0, ending: "commit", context, rows: rows(3) });
    expect(calls).toHaveLength(1);
    const statement = calls[0]!.statement;
    expect(statement.match(/INSERT INTO dbo.SqlBuild_Logging/g)).toHaveLength(3);
    expect(statement.indexOf("COMMIT")).toBeGreaterThan(statement.indexOf("@@ROWCOUNT"));
    expect(statement).toMatch(/^SET XACT_ABORT ON;/);
  });

  it("never sends more parameters than SQL Server takes, and commits in the last call only", () => {
    const calls = planClosing({ key, step: 0, ending: "commit", context, rows: rows(1_001) });
    expect(calls.every(({ parameters }) => parameters.length <= 2_098)).toBe(true);
    expect(calls.filter(({ statement }) => statement.includes("COMMIT"))).toEqual([calls.at(-1)]);
    expect(calls.reduce((sum, { statement }) => sum + statement.split("INSERT").length - 1, 0)).toBe(1_001);
  });

  it("cuts values to the log table's widths", () => {
    const [call] = planClosing({ key, step: 0, ending: "commit", context, rows: rows(1) });
    const valueOf = (name: string) => call!.parameters.find((parameter) => parameter.name === name)!.value;
    expect(valueOf("buildFile")).toHaveLength(300);
    expect(valueOf("version")).toHaveLength(20);
  });

  it("rolls a trial back, and gives a script without transaction one for its rows", () => {
    const trial = planClosing({ key, step: 0, ending: "rollback", context, rows: rows(1) })[0]!.statement;
    expect(trial).toContain("ROLLBACK TRANSACTION;\nBEGIN TRANSACTION;");
    const none = planClosing({ key, step: 4, ending: "none", context, rows: rows(1) })[0]!.statement;
    expect(none.indexOf("BEGIN TRANSACTION")).toBeLessThan(none.indexOf("INSERT"));
    expect(none).toMatch(/COMMIT TRANSACTION;$/);
  });
});
