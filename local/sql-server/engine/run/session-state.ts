import type { StatementFaults } from "../faults.ts";
import type { LoginIdentity } from "../rights/session-principal.ts";
import type { ServerLogins } from "../rights/logins.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import type { Databases } from "../storage/databases.ts";
import type { SqlError, IsolationLevel, ResultSink, SqlType } from "../../session.ts";
import type { TableObject } from "../catalog/model.ts";
import type { Connection } from "../storage/connection.ts";
import type { DatabaseFile } from "../storage/database-file.ts";
import type { Storage } from "../syntax/expression.ts";

/** What the sessions of one server share. */
export interface Server {
  readonly name: string;
  readonly databases: Databases;
  readonly locks: LockManager;
  readonly sessions: Map<number, SessionState>;
  readonly logins: ServerLogins;
  /** For expressions that need no table: no database file is opened for them. */
  readonly scratch: Connection;
  readonly faults: StatementFaults;
  readonly now: () => Date;
}

/** SET options that change anything here. */
export interface SessionOptions {
  readonly noCount: boolean;
  readonly abortOnError: boolean;
  /** Milliseconds; -1 for ever. */
  readonly lockTimeout: number;
  readonly isolation: IsolationLevel;
  /** `schema.table` in lower case; "" for none. */
  readonly identityInsert: string;
  /** SET ROWCOUNT; 0 is no limit. */
  readonly rowLimit: number;
  /** SET FMTONLY ON: a query tells its columns and no rows. */
  readonly formatOnly: boolean;
  /** SET TEXTSIZE: told by @@TEXTSIZE, of no effect on values. */
  readonly textSize: number;
}

export const DEFAULT_OPTIONS: SessionOptions = {
  noCount: false,
  abortOnError: false,
  lockTimeout: -1,
  isolation: "readCommitted",
  identityInsert: "",
  rowLimit: 0,
  formatOnly: false,
  textSize: 4096,
};

export interface Transaction {
  /** @@TRANCOUNT */
  count: number;
  /** Of the outermost BEGIN. */
  readonly name: string;
  /** XACT_STATE() -1: only a rollback is possible. */
  doomed: boolean;
  readonly savepoints: string[];
  /** Databases whose SQLite connection is inside a transaction. */
  readonly enlisted: Map<DatabaseFile, "reading" | "writing">;
  /** Application locks that end with the transaction. */
  readonly locks: string[];
  /** Temporary tables as they were when it began. */
  readonly temporaryBefore: ReadonlyMap<string, TableObject>;
  /** TRUNCATE and DDL: identity counters are read again after a rollback. */
  forgetIdentities: boolean;
}

/** Everything one connection of a client has. */
export interface SessionState {
  readonly server: Server;
  /** @@SPID */
  readonly id: number;
  readonly login: LoginIdentity;
  readonly hostName: string;
  readonly applicationName: string;
  /** ISO, UTC. */
  readonly loginTime: string;
  database: DatabaseFile;
  /** Where sp_reset_connection goes back to. */
  readonly homeDatabase: DatabaseFile;
  readonly connections: Map<DatabaseFile, Connection>;
  temporary: ReadonlyMap<string, TableObject>;
  options: SessionOptions;
  transaction: Transaction | undefined;
  /** @@ROWCOUNT */
  rowCount: number;
  /** @@ERROR */
  errorNumber: number;
  /** @@IDENTITY */
  identity: number | null;
  /** SCOPE_IDENTITY() of the outermost scope. */
  scopeIdentity: number | null;
  /** Application locks that end with the session. */
  readonly locks: string[];
}

export interface Variable {
  readonly type: SqlType;
  value: Storage;
}

/** A scope that runs: a batch, a procedure, the text of EXEC or sp_executesql. */
export interface Frame {
  readonly session: SessionState;
  readonly sink: ResultSink;
  readonly signal: AbortSignal;
  /** By name in lower case, with @. */
  readonly variables: Map<string, Variable>;
  /** "" for a batch. */
  readonly procedure: string;
  /** Inside a procedure: its owner answers for what it does, not its caller. */
  readonly chained: boolean;
  readonly parent: Frame | undefined;
  /** @@NESTLEVEL */
  readonly depth: number;
  /** How many TRY blocks of this scope are running. */
  tryDepth: number;
  /** What ERROR_NUMBER() and its like tell; inside CATCH only. */
  caught: SqlError | undefined;
  scopeIdentity: number | null;
  returnValue: number | undefined;
}

/** Some TRY block around would catch an error. */
export function isGuarded(frame: Frame | undefined): boolean {
  return frame !== undefined && (frame.tryDepth > 0 || isGuarded(frame.parent));
}

/** The client's attention: no error, and no CATCH sees it. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}
