import { expect, it } from "vitest";
import type { UsedServer } from "./server-under-test.ts";

export function cancelling(server: UsedServer): void {
  it("stops a statement whose time is over, and the connection stays usable", async () => {
    const pool = await server.connect({ requestTimeout: 300, pool: { max: 1 } });
    const { recordset: before } = await pool.request().query<{ spid: number }>("SELECT @@SPID AS spid");
    const started = performance.now();
    await expect(pool.request().batch("WAITFOR DELAY '00:00:30'")).rejects.toMatchObject({
      code: "ETIMEOUT",
    });
    expect(performance.now() - started).toBeLessThan(5_000);
    const { recordset: after } = await pool.request().query<{ spid: number }>("SELECT @@SPID AS spid");
    expect(after).toEqual(before);
  });

  it("leaves the transaction open after a timeout", async () => {
    const pool = await server.connect({ requestTimeout: 300, pool: { max: 1 } });
    await pool.request().batch("BEGIN TRAN");
    await expect(pool.request().batch("WAITFOR DELAY '00:00:30'")).rejects.toMatchObject({
      code: "ETIMEOUT",
    });
    const { recordset } = await pool.request().query("SELECT @@TRANCOUNT AS open_");
    await pool.request().batch("ROLLBACK");
    expect(recordset).toEqual([{ open_: 1 }]);
  });

  it("rolls it back after a timeout with XACT_ABORT on", async () => {
    const pool = await server.connect({ requestTimeout: 300, pool: { max: 1 } });
    const waiting = pool.request().batch("SET XACT_ABORT ON; BEGIN TRAN; WAITFOR DELAY '00:00:30'");
    await expect(waiting).rejects.toMatchObject({ code: "ETIMEOUT" });
    const { recordset } = await pool.request().query("SELECT @@TRANCOUNT AS open_");
    expect(recordset).toEqual([{ open_: 0 }]);
  });

  it("stops a loop that is cancelled", async () => {
    const pool = await server.connect({ pool: { max: 1 } });
    const request = pool.request();
    const running = request.batch("DECLARE @i int = 0; WHILE 1 = 1 SET @i = @i + 1");
    const outcome = expect(running).rejects.toMatchObject({ code: "ECANCEL" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    request.cancel();
    await outcome;
    const { recordset } = await pool.request().query("SELECT 1 AS one");
    expect(recordset).toEqual([{ one: 1 }]);
  });
}
