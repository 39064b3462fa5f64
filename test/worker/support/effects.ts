import type { SqlUnderTest } from "./sql-under-test.ts";

/** Without a key: what happens twice is there twice. */
export const effectTable = "CREATE TABLE dbo.Effect (Id int NOT NULL);";
export const insertEffect = "INSERT INTO dbo.Effect (Id) VALUES (1);";

/** @returns the ids, in order: one for each time an insert was committed */
export async function readEffects(sql: Pick<SqlUnderTest, "query">, database: string): Promise<unknown[]> {
  const rows = await sql.query(database, "SELECT Id FROM dbo.Effect ORDER BY Id");
  return rows.map((row) => row["Id"]);
}
