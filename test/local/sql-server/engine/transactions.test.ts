import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openEngine, type Answer, type TestEngine, type TestSession } from "./open-engine.ts";

const TABLE = "CREATE TABLE T (id int CONSTRAINT PK_T PRIMARY KEY, v int)";

async function two(test: TestEngine): Promise<readonly [TestSession, TestSession]> {
  const first = await test.connect();
  await first.rows(TABLE);
  return [first, await test.connect()];
}

/** Waits until the session's request hangs on a lock: nothing came after a while. */
async function stillWaiting(pending: Promise<Answer>): Promise<boolean> {
  return (await Promise.race([pending, setTimeout(30, "waiting" as const)])) === "waiting";
}

describe("transactions", () => {
  it("show nothing uncommitted to others, and everything to themselves", async () => {
    await using test = await openEngine();
    const [a, b] = await two(test);
    expect(await a.rows("BEGIN TRAN; INSERT T VALUES (1, 1); SELECT id FROM T")).toEqual([[1]]);
    expect(await b.rows("SELECT id FROM T")).toEqual([]);
    expect(await a.rows("COMMIT; SELECT @@TRANCOUNT")).toEqual([[0]]);
    expect(await b.rows("SELECT id FROM T")).toEqual([[1]]);
  });

  it("roll back definitions, too", async () => {
    await using test = await openEngine();
    const [a, b] = await two(test);
    await a.rows("BEGIN TRAN; CREATE TABLE U (a int); ALTER TABLE T ADD c int; CREATE INDEX IX ON T (v)");
    expect(await b.rows("SELECT COUNT(*) FROM sys.tables")).toEqual([[1]]);
    await a.rows("ROLLBACK");
    expect(await a.rows("SELECT OBJECT_ID('U'), COL_LENGTH('T', 'c')")).toEqual([[null, null]]);
  });

  it("count their nesting and go back to savepoints", async () => {
    await using test = await openEngine();
    const [a] = await two(test);
    const text = `BEGIN TRAN; BEGIN TRAN inner1; INSERT T VALUES (1, 1); COMMIT; SAVE TRAN s; INSERT T VALUES (2, 2);
      ROLLBACK TRAN s; INSERT T VALUES (3, 3); COMMIT; SELECT id FROM T ORDER BY id`;
    const answer = await a.batch(text);
    expect(answer.sets).toEqual([[[1], [3]]]);
    expect(answer.changes).toEqual(["began", "committed"]);
    expect((await a.batch("BEGIN TRAN; ROLLBACK TRAN nope")).errors[0]?.number).toBe(6401);
  });

  it("keep a failed statement's rows out and stay open, unless XACT_ABORT is on", async () => {
    await using test = await openEngine();
    const [a] = await two(test);
    const text =
      "BEGIN TRAN; INSERT T VALUES (1, 1); INSERT T VALUES (2, 2), (1, 1); SELECT @@TRANCOUNT, COUNT(*) FROM T";
    expect((await a.batch(text)).sets).toEqual([[[1, 1]]]);
    await a.rows("ROLLBACK");
    const aborted = await a.batch(`SET XACT_ABORT ON; ${text}`);
    expect(aborted.sets).toEqual([]);
    expect(aborted.changes).toEqual(["began", "rolledBack"]);
    expect(await a.rows("SELECT @@TRANCOUNT, COUNT(*) FROM T")).toEqual([[0, 0]]);
  });

  it("are driven by the client's requests as well", async () => {
    await using test = await openEngine();
    const [{ session, rows }] = await two(test);
    session.beginTransaction("readCommitted", "");
    await rows("INSERT T VALUES (1, 1)");
    await session.saveTransaction("here");
    await rows("INSERT T VALUES (2, 2)");
    await session.rollbackTransaction("here");
    expect(session.transactionCount).toBe(1);
    await session.commitTransaction();
    expect(await rows("SELECT id FROM T")).toEqual([[1]]);
    await expect(session.commitTransaction()).rejects.toMatchObject({ number: 3902 });
    await expect(session.rollbackTransaction("")).rejects.toMatchObject({ number: 3903 });
  });

  it("end when their session closes or is reset", async () => {
    await using test = await openEngine();
    const [a, b] = await two(test);
    await a.rows("SET LOCK_TIMEOUT 5; BEGIN TRAN; INSERT T VALUES (1, 1)");
    await a.session.reset();
    expect(await a.rows("SELECT @@TRANCOUNT, @@LOCK_TIMEOUT")).toEqual([[0, -1]]);
    await a.rows("BEGIN TRAN; INSERT T VALUES (1, 1)");
    await a.session.close();
    expect(await b.rows("INSERT T VALUES (7, 7); SELECT id FROM T")).toEqual([[7]]);
  });

  it("see one moment under snapshot isolation, and refuse to write over a newer one", async () => {
    await using test = await openEngine();
    const [a, b] = await two(test);
    await a.rows("INSERT T VALUES (1, 1)");
    await a.rows("SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; SELECT v FROM T");
    await b.rows("UPDATE T SET v = 2");
    expect(await a.rows("SELECT v FROM T")).toEqual([[1]]);
    const { errors } = await a.batch("UPDATE T SET v = 3");
    expect(errors[0]?.number).toBe(3960);
    expect(a.session.transactionCount).toBe(0);
  });
});

describe("writers of one database", () => {
  it("wait for each other", async () => {
    await using test = await openEngine();
    const [a, b] = await two(test);
    await a.rows("BEGIN TRAN; INSERT T VALUES (1, 1)");
    const pending = b.batch("INSERT T VALUES (2, 2)");
    expect(await stillWaiting(pending)).toBe(true);
    await a.rows("COMMIT");
    expect((await pending).errors).toEqual([]);
  });

  it("give up after LOCK_TIMEOUT", async () => {
    await using test = await openEngine();
    const [a, b] = await two(test);
    await a.rows("BEGIN TRAN; INSERT T VALUES (1, 1)");
    const answer = await b.batch("SET LOCK_TIMEOUT 20; INSERT T VALUES (2, 2); SELECT 1");
    expect(answer.errors).toMatchObject([
      { number: 1222, message: "Lock request time out period exceeded." },
    ]);
    expect(answer.sets).toEqual([[[1]]]);
  });

  it("stop waiting when the client gives up", async () => {
    await using test = await openEngine();
    const [a, b] = await two(test);
    await a.rows("BEGIN TRAN; INSERT T VALUES (1, 1)");
    const attention = new AbortController();
    const pending = b.batch("INSERT T VALUES (2, 2); SELECT 1", attention.signal);
    attention.abort();
    expect(await pending).toMatchObject({ errors: [], sets: [] });
  });

  it("make one of two a deadlock's victim", async () => {
    await using test = await openEngine();
    const [a, b] = await two(test);
    await a.rows("BEGIN TRAN; INSERT T VALUES (1, 1)");
    await b.rows("BEGIN TRAN; EXEC sp_getapplock 'other', 'Exclusive'");
    const first = a.batch("EXEC sp_getapplock 'other', 'Exclusive'; COMMIT; SELECT COUNT(*) FROM T");
    expect(await stillWaiting(first)).toBe(true);
    const second = await b.batch("INSERT T VALUES (2, 2)");
    expect(second.errors).toMatchObject([{ number: 1205, class: 13 }]);
    expect(second.changes).toEqual(["rolledBack"]);
    expect((await first).sets).toEqual([[[1]]]);
  });

  it("keep out serializable readers", async () => {
    await using test = await openEngine();
    const [a, b] = await two(test);
    await a.rows("BEGIN TRAN; SELECT * FROM T WITH (UPDLOCK, HOLDLOCK)");
    const pending = b.batch(
      "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN TRAN; SELECT COUNT(*) FROM T; COMMIT",
    );
    expect(await stillWaiting(pending)).toBe(true);
    await a.rows("INSERT T VALUES (1, 1); COMMIT");
    expect((await pending).sets).toEqual([[[1]]]);
  });
});
