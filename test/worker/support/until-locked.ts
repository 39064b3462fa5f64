import { expect, vi } from "vitest";
import type { SqlUnderTest } from "./sql-under-test.ts";

const tryLock =
  "DECLARE @lock int; EXEC @lock = sp_getapplock @Resource = N'sqlfleet', @LockMode = N'Exclusive', " +
  "@LockOwner = N'Session', @LockTimeout = 0; SELECT @lock AS Lock;";

/** Waits until somebody works on the database: it then holds the application lock, and a try gets -1 (timeout). */
export async function untilLocked(sql: Pick<SqlUnderTest, "query">, database: string): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(await sql.query(database, tryLock)).toEqual([{ Lock: -1 }]);
    },
    { timeout: 10_000, interval: 50 },
  );
}
