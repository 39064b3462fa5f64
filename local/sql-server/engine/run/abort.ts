import { SqlError } from "../../session.ts";

/** A SqlError with what raised it: RAISERROR and THROW follow rules of their own. */
export class Raised extends Error {
  override readonly name = "Raised";
  readonly error: SqlError;
  readonly by: "RAISERROR" | "THROW";

  constructor(error: SqlError, by: "RAISERROR" | "THROW") {
    super(error.message);
    this.error = error;
    this.by = by;
  }
}

/** An error on its way to the TRY block around the scope it came from. */
export class Escaped extends Error {
  override readonly name = "Escaped";
  readonly error: SqlError;

  constructor(error: SqlError) {
    super(error.message);
    this.error = error;
  }
}

/** Whatever was thrown, as a SqlError. What SQLite itself refuses is a limit of the stand-in. */
export function toSqlError(thrown: unknown): SqlError {
  if (thrown instanceof SqlError) return thrown;
  if (thrown instanceof Raised || thrown instanceof Escaped) return thrown.error;
  if (!(thrown instanceof Error) || !("errcode" in thrown)) throw thrown;
  const message = `The stand-in cannot run this statement: ${thrown.message}. Use --sql to run against a real SQL Server.`;
  return new SqlError(message, { number: 40515, line: 0 });
}
