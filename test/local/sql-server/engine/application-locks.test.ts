import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openEngine, type TestSession } from "./open-engine.ts";

const get = (mode: string, timeout: number, owner = "Transaction"): string =>
  `DECLARE @rc int; EXEC @rc = sp_getapplock @Resource = N'job', @LockMode = '${mode}', @LockOwner = '${owner}', @LockTimeout = ${timeout}; SELECT @rc`;

async function codeOf(session: TestSession, text: string): Promise<unknown> {
  return (await session.batch(text)).sets[0]?.[0]?.[0];
}

describe("sp_getapplock", () => {
  it("answers 0 at once, 1 after waiting, -1 at the end of its time", async () => {
    await using test = await openEngine();
    const [a, b] = [await test.connect(), await test.connect()];
    await a.rows("BEGIN TRAN");
    await b.rows("BEGIN TRAN");
    expect(await codeOf(a, get("Exclusive", 0))).toBe(0);
    expect(await codeOf(b, get("Exclusive", 0))).toBe(-1);
    expect(await codeOf(b, get("Shared", 20))).toBe(-1);
    const waiting = codeOf(b, get("Exclusive", -1));
    expect(await Promise.race([waiting, setTimeout(30, "waiting")])).toBe("waiting");
    await a.rows("COMMIT");
    expect(await waiting).toBe(1);
  });

  it("lets readers share", async () => {
    await using test = await openEngine();
    const [a, b] = [await test.connect(), await test.connect()];
    expect(await codeOf(a, get("Shared", 0, "Session"))).toBe(0);
    expect(await codeOf(b, get("Shared", 0, "Session"))).toBe(0);
    expect(await codeOf(b, get("Update", 0, "Session"))).toBe(0);
    expect(await codeOf(a, get("Exclusive", 0, "Session"))).toBe(-1);
  });

  it("answers -999 without a transaction, and -3 in a deadlock", async () => {
    await using test = await openEngine();
    const [a, b] = [await test.connect(), await test.connect()];
    expect(await codeOf(a, get("Exclusive", 0))).toBe(-999);
    const lock = (name: string): string =>
      `DECLARE @rc int; EXEC @rc = sp_getapplock '${name}', 'Exclusive', 'Session'; SELECT @rc`;
    expect(await codeOf(a, lock("x"))).toBe(0);
    expect(await codeOf(b, lock("y"))).toBe(0);
    const first = codeOf(a, lock("y"));
    await setTimeout(10);
    expect(await codeOf(b, lock("x"))).toBe(-3);
    await b.session.close();
    expect(await first).toBe(1);
  });

  it("is released by sp_releaseapplock, reset and close", async () => {
    await using test = await openEngine();
    const [a, b] = [await test.connect(), await test.connect()];
    expect(await codeOf(a, get("Exclusive", 0, "Session"))).toBe(0);
    const release =
      "DECLARE @rc int; EXEC @rc = sp_releaseapplock @Resource = 'job', @LockOwner = 'Session'; SELECT @rc";
    expect(await codeOf(a, release)).toBe(0);
    expect((await a.batch(release)).errors[0]?.number).toBe(1223);
    expect(await codeOf(b, get("Exclusive", 0, "Session"))).toBe(0);
    await b.session.reset();
    expect(await codeOf(a, get("Exclusive", 0, "Session"))).toBe(0);
    await a.session.close();
    expect(await codeOf(b, get("Exclusive", 0, "Session"))).toBe(0);
  });

  it("answers an RPC with its return status", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows("BEGIN TRAN");
    const text = { output: false, type: { name: "nvarchar", length: 20 } } as const;
    const answer = await session.call("sp_getapplock", [
      { ...text, name: "@Resource", value: "job" },
      { ...text, name: "@LockMode", value: "Exclusive" },
    ]);
    expect(answer.status).toBe(0);
    expect(await session.rows("SELECT APPLOCK_MODE('public', 'job', 'Transaction')")).toEqual([
      ["Exclusive"],
    ]);
  });
});
