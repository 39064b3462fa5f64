/** Where in an attempt something went wrong: before the login was answered, or after. */
type SqlPhase = "connect" | "run";

/**
 * refused: the server said no, with a number · lost: the connection is gone, nothing is known of the statement's
 * fate · timeout: we cancelled it because it took too long · cancelled: we cancelled it on somebody's order ·
 * unreachable: no connection came about · noToken: Entra gave no token to log in with.
 */
type SqlFaultKind = "refused" | "lost" | "timeout" | "cancelled" | "unreachable" | "noToken";

export interface SqlFaultFacts {
  readonly kind: SqlFaultKind;
  readonly phase: SqlPhase;
  /** SQL Server's error number, when refused. */
  readonly number?: number;
  /** SQL Server's severity, when refused. */
  readonly severity?: number;
  /** 1-based line in the batch, or in `procedure` when that is set. */
  readonly line?: number;
  /** Procedure, function or trigger that raised the error; absent: the batch itself. */
  readonly procedure?: string;
}

/** Everything that SQL Server, or the way to it, can answer other than success. */
export class SqlFault extends Error {
  override readonly name = "SqlFault";
  readonly facts: SqlFaultFacts;

  constructor(message: string, facts: SqlFaultFacts, options?: ErrorOptions) {
    super(message, options);
    this.facts = facts;
  }
}
