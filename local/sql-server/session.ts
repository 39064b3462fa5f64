/**
 * The seam of the SQL Server stand-in: `tds/` speaks the wire and calls a `SqlEngine`; `engine/` executes
 * T-SQL and knows nothing of packets.
 */
export interface SqlEngine {
  /**
   * Checks a login and opens its session.
   * @throws SqlError 18456 (login failed), 4060 (cannot open database).
   */
  login(request: LoginRequest): Promise<SqlSession>;
  close(): Promise<void>;
}

export interface LoginRequest {
  readonly user: string;
  readonly password: string;
  /** An Entra access token instead of user and password (FEDAUTH). */
  readonly accessToken?: string;
  /** "" means master. */
  readonly database: string;
  readonly applicationName: string;
  readonly hostName: string;
}

/** One connection's state: database, transactions, variables of nothing (a batch's variables end with it). */
export interface SqlSession {
  /** @@SPID */
  readonly id: number;
  readonly database: string;
  /** @@TRANCOUNT */
  readonly transactionCount: number;
  /**
   * Runs one batch or one RPC. Resolves when the batch ended, also when it ended by an error (the error went to
   * the sink). `signal` is the client's attention: abort stops WAITFOR, lock waits and loops at once, and the
   * promise still resolves; with SET XACT_ABORT ON the transaction is rolled back, else it stays open.
   */
  execute(request: SqlRequest, sink: ResultSink, signal: AbortSignal): Promise<void>;
  beginTransaction(isolation: IsolationLevel, name: string): void;
  /** @throws SqlError 3902 when there is no transaction. */
  commitTransaction(): Promise<void>;
  /** "" = the whole transaction; a name = back to that savepoint. @throws SqlError 3903 */
  rollbackTransaction(savepoint: string): Promise<void>;
  saveTransaction(savepoint: string): Promise<void>;
  /** sp_reset_connection: rolls back, releases session locks, SET options back to defaults. */
  reset(): Promise<void>;
  /** The connection is gone: rolls back, releases every lock, closes files. */
  close(): Promise<void>;
}

export type IsolationLevel =
  "readUncommitted" | "readCommitted" | "repeatableRead" | "serializable" | "snapshot";

export type SqlRequest =
  | { readonly kind: "batch"; readonly text: string }
  | { readonly kind: "procedure"; readonly name: string; readonly parameters: readonly SqlParameter[] };

export interface SqlParameter {
  /** With its @; "" when positional. */
  readonly name: string;
  readonly output: boolean;
  readonly type: SqlType;
  readonly value: SqlValue;
}

/** uniqueidentifier travels as text; decimal and money as text (exact); datetimes as SqlDateTime. */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array | SqlDateTime;

export interface SqlDateTime {
  /** Milliseconds since 1970-01-01T00:00:00Z (for `time`: since midnight). */
  readonly milliseconds: number;
  /** Remaining 100 ns units, 0 to 9999. */
  readonly hundredNanoseconds: number;
  /** datetimeoffset only. */
  readonly offsetMinutes?: number;
}

export interface SqlType {
  readonly name:
    | "tinyint"
    | "smallint"
    | "int"
    | "bigint"
    | "bit"
    | "real"
    | "float"
    | "decimal"
    | "money"
    | "char"
    | "varchar"
    | "nchar"
    | "nvarchar"
    | "binary"
    | "varbinary"
    | "date"
    | "time"
    | "datetime"
    | "smalldatetime"
    | "datetime2"
    | "datetimeoffset"
    | "uniqueidentifier"
    | "sql_variant";
  /** Characters or bytes; "max" for (max). */
  readonly length?: number | "max";
  readonly precision?: number;
  readonly scale?: number;
}

export interface SqlColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity?: boolean;
}

/** Where results go, in order, as they come. `row` may ask to wait (back-pressure): await what it returns. */
export interface ResultSink {
  columns(columns: readonly SqlColumn[]): void;
  row(values: readonly SqlValue[]): Promise<void> | void;
  /** A statement ended. rows: affected or returned; undefined = no count (DDL, SET, or SET NOCOUNT ON). */
  done(rows: number | undefined): void;
  /** PRINT, RAISERROR below severity 11. */
  info(message: SqlMessage): void;
  /** Severity 11 and above. */
  error(message: SqlMessage): void;
  /** Of a procedure. */
  returnStatus(value: number): void;
  outputParameter(name: string, type: SqlType, value: SqlValue): void;
  databaseChanged(from: string, to: string): void;
  /** For ENVCHANGE: began on the outermost BEGIN, committed on the outermost COMMIT. */
  transactionChanged(change: "began" | "committed" | "rolledBack"): void;
}

export interface SqlMessage {
  readonly number: number;
  /** Severity. 20 and above end the connection. */
  readonly class: number;
  readonly state: number;
  readonly message: string;
  readonly line: number;
  readonly procedure: string;
}

export class SqlError extends Error implements SqlMessage {
  override readonly name = "SqlError";
  readonly number: number;
  readonly class: number;
  readonly state: number;
  readonly line: number;
  readonly procedure: string;

  constructor(message: string, facts: Partial<Omit<SqlMessage, "message">> & { readonly number: number }) {
    super(message);
    this.number = facts.number;
    this.class = facts.class ?? 16;
    this.state = facts.state ?? 1;
    this.line = facts.line ?? 1;
    this.procedure = facts.procedure ?? "";
  }
}
