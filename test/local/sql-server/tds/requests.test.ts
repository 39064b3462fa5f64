import { once } from "node:events";
import { ISOLATION_LEVEL, type Request, TYPES } from "tedious";
import { describe, expect, it } from "vitest";
import { batch, run } from "../support/tedious-client.ts";
import { useScriptedServer } from "../support/use-scripted-server.ts";

const wire = useScriptedServer();

describe("transactions", () => {
  const step = (act: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      act((error) => {
        if (error == null) resolve();
        else reject(error);
      });
    });

  it("begins, saves, rolls back to the savepoint and commits", async () => {
    const connection = await wire.client();
    await step((done) => {
      connection.beginTransaction(done, "outer", ISOLATION_LEVEL["SERIALIZABLE"]);
    });
    await step((done) => {
      connection.saveTransaction(done, "here");
    });
    await step((done) => {
      connection.rollbackTransaction(done, "here");
    });
    await step((done) => {
      connection.commitTransaction(done);
    });
    expect(wire.engine.calls.filter((call) => !call.startsWith("execute"))).toEqual([
      "begin serializable outer",
      "save here",
      "rollback here",
      "commit",
    ]);
  });

  it("answers an error when there is nothing to commit", async () => {
    const connection = await wire.client();
    const commit = step((done) => {
      connection.commitTransaction(done);
    });
    await expect(commit).rejects.toMatchObject({ number: 3902 });
  });

  it("tells of transactions that batches begin and end", async () => {
    const connection = await wire.client();
    const rolledBack = once(connection, "rollbackTransaction");
    await batch(connection, "begin");
    await batch(connection, "rollback");
    await rolledBack;
  });

  it("resets the connection when asked to", async () => {
    const connection = await wire.client();
    await step((done) => {
      connection.reset(done);
    });
    expect(wire.engine.calls).toContain("reset");
  });
});

describe("back-pressure", () => {
  it("makes the engine wait for a client that does not read", async () => {
    const connection = await wire.client();
    const total = 400_000;
    let received = 0;
    let request: Request | undefined;
    const answer = run(`rows ${total}`, (sent) => {
      request = sent;
      sent.once("row", () => {
        sent.pause();
      });
      sent.on("row", () => (received += 1));
      connection.execSqlBatch(sent);
    });
    let before = -1;
    await expect
      .poll(() => {
        const stands = before === wire.engine.rowsProduced;
        before = wire.engine.rowsProduced;
        return stands && before > 0;
      })
      .toBe(true);
    expect(wire.engine.rowsProduced).toBeLessThan(total);
    request?.resume();
    await answer;
    expect(received).toBe(total);
  });
});

describe("bulk load", () => {
  const load = async (table: string, count: number): Promise<{ error: Error | undefined; rows: number }> => {
    const connection = await wire.client();
    return new Promise((resolve) => {
      const bulk = connection.newBulkLoad(table, (error, rows) => {
        resolve({ error: error ?? undefined, rows: rows ?? 0 });
      });
      bulk.addColumn("id", TYPES.Int, { nullable: false });
      bulk.addColumn("name", TYPES.NVarChar, { length: 50, nullable: true });
      connection.execBulkLoad(
        bulk,
        Array.from({ length: count }, (_, id) => ({ id, name: id % 2 === 0 ? null : `name ${id}` })),
      );
    });
  };

  it("inserts all rows in one transaction", async () => {
    expect(await load("[dbo].[good]", 2_500)).toEqual({ error: undefined, rows: 2_500 });
    const calls = wire.engine.calls.filter((call) => !/batch|execute set/i.test(call));
    expect(calls).toEqual([
      "begin readCommitted",
      "execute sp_executesql",
      "execute sp_executesql",
      "execute sp_executesql",
      "commit",
    ]);
  });

  it("inserts none when one fails", async () => {
    const { error } = await load("bad", 2);
    expect(error).toMatchObject({ number: 2627 });
    expect(wire.engine.calls.at(-1)).toBe("rollback");
  });
});

describe("attention", () => {
  it("stops a request whose time is over, and leaves the connection usable", async () => {
    const connection = await wire.client({ options: { requestTimeout: 100 } });
    const { error } = await batch(connection, "wait");
    expect(error).toMatchObject({ code: "ETIMEOUT" });
    expect((await batch(connection, "rows 1")).sets).toHaveLength(1);
  });

  it("stops a request in the middle of its rows", async () => {
    const connection = await wire.client();
    const answer = run("rowsThenWait 5000", (request) => {
      request.once("row", () => {
        request.cancel();
      });
      connection.execSqlBatch(request);
    });
    expect((await answer).error).toMatchObject({ code: "ECANCEL" });
    expect((await batch(connection, "rows 1")).error).toBeUndefined();
  });

  it("is acknowledged when the request is already over", async () => {
    const connection = await wire.client();
    for (let round = 0; round < 20; round++) {
      const answer = run("rows 1", (request) => {
        connection.execSqlBatch(request);
        setImmediate(() => {
          request.cancel();
        });
      });
      await answer;
    }
    expect((await batch(connection, "rows 1")).error).toBeUndefined();
  });

  it("aborts what a vanished client left running, and closes its session", async () => {
    const connection = await wire.client();
    const answer = batch(connection, "wait");
    await expect.poll(() => wire.server.counters.read().executing.now).toBe(1);
    connection.close();
    expect((await answer).error).toBeDefined();
    await expect.poll(() => wire.engine.openSessions).toBe(0);
    expect(wire.server.counters.read()).toMatchObject({
      executing: { now: 0, peak: 1 },
      connections: { now: 0 },
    });
  });
});
