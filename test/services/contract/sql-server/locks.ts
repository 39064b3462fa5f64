import sql, { type ConnectionPool } from "mssql";
import { expect, it } from "vitest";
import type { UsedServer } from "./server-under-test.ts";

/** Return codes of sp_getapplock. */
const Granted = { atOnce: 0, afterWaiting: 1 } as const;
const TIMED_OUT = -1;

export function locks(server: UsedServer): void {
  it("is granted at once to the first, and times out for the second", async () => {
    const resource = server.newTable();
    const [one, two] = [await own(server), await own(server)];
    expect(await getLock(one, resource, 0)).toBe(Granted.atOnce);
    expect(await getLock(two, resource, 0)).toBe(TIMED_OUT);
    expect(await getLock(two, resource, 200)).toBe(TIMED_OUT);
    expect(await releaseLock(one, resource)).toBe(0);
    expect(await getLock(two, resource, 0)).toBe(Granted.atOnce);
  });

  it("is granted to the one that waits once it is released", async () => {
    const resource = server.newTable();
    const [one, two] = [await own(server), await own(server)];
    await getLock(one, resource, 0);
    const waiting = getLock(two, resource, 10_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await releaseLock(one, resource);
    expect(await waiting).toBe(Granted.afterWaiting);
  });

  it("is released when its connection goes", async () => {
    const resource = server.newTable();
    const [one, two] = [await own(server), await own(server)];
    await getLock(one, resource, 0);
    await one.close();
    expect(await getLock(two, resource, 10_000)).toBeGreaterThanOrEqual(0);
  });

  it("ends with the transaction that owns it", async () => {
    const resource = server.newTable();
    const [one, two] = [await own(server), await own(server)];
    const transaction = new sql.Transaction(one);
    await transaction.begin();
    const granted = await lockRequest(transaction.request(), resource, 0)
      .input("LockOwner", sql.VarChar(32), "Transaction")
      .execute("sp_getapplock");
    expect(granted.returnValue).toBe(Granted.atOnce);
    expect(await getLock(two, resource, 0)).toBe(TIMED_OUT);
    await transaction.commit();
    expect(await getLock(two, resource, 0)).toBe(Granted.atOnce);
  });
}

/** Session locks belong to a connection: each holder needs one of its own. */
function own(server: UsedServer): Promise<ConnectionPool> {
  return server.connect({ pool: { max: 1, min: 1 } });
}

function lockRequest(request: sql.Request, resource: string, timeout: number): sql.Request {
  return request
    .input("Resource", sql.NVarChar(255), resource)
    .input("LockMode", sql.VarChar(32), "Exclusive")
    .input("LockTimeout", sql.Int, timeout);
}

async function getLock(pool: ConnectionPool, resource: string, timeout: number): Promise<number> {
  const { returnValue } = (await lockRequest(pool.request(), resource, timeout)
    .input("LockOwner", sql.VarChar(32), "Session")
    .execute("sp_getapplock")) as { returnValue: number };
  return returnValue;
}

async function releaseLock(pool: ConnectionPool, resource: string): Promise<number> {
  const { returnValue } = (await pool
    .request()
    .input("Resource", sql.NVarChar(255), resource)
    .input("LockOwner", sql.VarChar(32), "Session")
    .execute("sp_releaseapplock")) as { returnValue: number };
  return returnValue;
}
