import { RequestError } from "tedious";
import { SqlFault } from "./sql-fault.ts";

/** What SQL Server says in an ERROR token; tedious passes it on as it comes. */
export interface ServerMessage {
  readonly number: number;
  readonly class: number;
  readonly message: string;
  readonly lineNumber: number;
  readonly procName: string;
}

/**
 * Why a connection did not come about. `said` is what the server answered, in order: of a database that cannot be
 * opened it says 4060 first and then, always, 18456.
 */
export function toConnectFault(error: unknown, said: readonly ServerMessage[]): SqlFault {
  const [first] = said;
  if (!first) return new SqlFault(messageOf(error), { kind: "unreachable", phase: "connect" });
  const { number, class: severity } = first;
  return new SqlFault(first.message, { kind: "refused", phase: "connect", number, severity });
}

/**
 * Why a request failed. The first error of a batch is the cause, what follows are mostly consequences ("Could not
 * create constraint. See previous errors."). No `cause` is kept: tedious hangs the connection, and with it the
 * password, on some of its errors.
 */
export function toRequestFault(error: unknown): SqlFault {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof RequestError) || first.number === undefined) {
    return new SqlFault(messageOf(first), { kind: "lost", phase: "run" });
  }
  return new SqlFault(first.message, {
    kind: "refused",
    phase: "run",
    number: first.number,
    ...(first.class !== undefined && { severity: first.class }),
    ...(first.lineNumber !== undefined && { line: first.lineNumber }),
    ...(first.procName && { procedure: first.procName }),
  });
}

function messageOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
