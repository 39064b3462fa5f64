import type { DatabaseFile } from "../storage/database-file.ts";
import type { SessionState } from "./session-state.ts";

/** Application locks belong to a database; their names tell case apart. */
export function applicationLockName(session: SessionState, resource: string): string {
  return `application:${session.database.id}:${resource}`;
}

/** One writer per database. */
export function writerLockName(database: DatabaseFile): string {
  return `writer:${database.id}`;
}
