import type { StatementFaults } from "../faults.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import type { Connection } from "../storage/connection.ts";
import type { Databases } from "../storage/databases.ts";
import type { SessionState } from "./session-state.ts";

/** What the sessions of one server share. */
export interface Server {
  readonly name: string;
  readonly databases: Databases;
  readonly locks: LockManager;
  readonly sessions: Map<number, SessionState>;
  /** For expressions that need no table: no database file is opened for them. */
  readonly scratch: Connection;
  readonly faults: StatementFaults;
  readonly now: () => Date;
}
