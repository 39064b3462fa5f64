import type { TableObject } from "../catalog/model.ts";
import type { Connection } from "../storage/connection.ts";
import type { DatabaseFile } from "../storage/database-file.ts";

/** The next identity value. A number once given is not given again, not even after a rollback. */
export function nextIdentity(connection: Connection, database: DatabaseFile, table: TableObject): number {
  const identity = table.columns.find((column) => column.identity !== undefined)?.identity ?? {
    seed: 1,
    increment: 1,
  };
  const last = database.identities.get(table.id) ?? storedLast(connection, table.id);
  const next = last === undefined ? identity.seed : last + identity.increment;
  rememberIdentity(connection, database, table, next);
  return next;
}

/** Also of values given by hand under IDENTITY_INSERT: counting goes on from the highest. */
export function rememberIdentity(
  connection: Connection,
  database: DatabaseFile,
  table: TableObject,
  value: number,
): void {
  const sql = "INSERT INTO __identity VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET last = excluded.last";
  connection.run(sql, [table.id, value]);
  database.identities.set(table.id, value);
}

export function lastIdentity(
  connection: Connection,
  database: DatabaseFile,
  table: TableObject,
): number | undefined {
  return database.identities.get(table.id) ?? storedLast(connection, table.id);
}

export function resetIdentity(connection: Connection, database: DatabaseFile, id: number): void {
  connection.run("DELETE FROM __identity WHERE id = ?", [id]);
  database.identities.delete(id);
}

function storedLast(connection: Connection, id: number): number | undefined {
  const [row] = connection.all("SELECT last FROM __identity WHERE id = ?", [id]);
  return row === undefined ? undefined : Number(row[0]);
}
