import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditEntry } from "../../../model/audit.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true });
});
afterAll(() => standIns.stop());

const toEntry = (second: number, id: string = randomUUID()): AuditEntry => ({
  ...{ phase: "asked", id, at: new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString() },
  ...{ who: "key 1234abcd", action: "startRun", call: "POST /api/runs" },
});

describe("the audit", () => {
  test("lists newest first, page by page, also what is added meanwhile", async () => {
    const { audit } = standIns.newServices();
    for (let second = 0; second < 120; second += 1) await audit.append(toEntry(second));
    const first = await audit.list();
    expect(first.entries[0]).toEqual(expect.objectContaining({ at: toEntry(119).at }));
    expect(first.entries).toHaveLength(100);
    await audit.append(toEntry(500));
    const second = await audit.list(first.cursor);
    expect(second.entries).toHaveLength(20);
    expect(second.cursor).toBeUndefined();
    expect(second.entries.at(-1)?.at).toBe(toEntry(0).at);
  });

  test("a line is not written over", async () => {
    const { audit } = standIns.newServices();
    const entry = toEntry(9_999);
    await audit.append(entry);
    await expect(audit.append({ ...entry, who: "somebody else" })).rejects.toMatchObject({
      code: "ServiceUnavailable",
    });
    expect((await audit.list()).entries).toContainEqual(entry);
  });

  test.each(["nonsense", "' or 1 eq 1"])("the cursor %j is refused", async (cursor) => {
    await expect(standIns.newServices().audit.list(cursor)).rejects.toMatchObject({ code: "InvalidCursor" });
  });
});
