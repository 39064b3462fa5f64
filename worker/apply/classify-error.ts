import type { FailureCode } from "../../model/failures.ts";
import type { SqlFaultFacts } from "./sql/sql-fault.ts";

/**
 * transient: the same attempt may work in a moment, so it is tried again, up to the run's `retry.attempts`.
 * permanent: it will not, before somebody changes something.
 * Ambiguous (lost while COMMIT was on its way) is no property of an error: whoever sends COMMIT knows it.
 */
export interface Classified {
  readonly code: FailureCode;
  readonly retry: "transient" | "permanent";
}

/** Numbers Microsoft documents as worth a retry, with what they stand for. */
const transientNumbers: ReadonlyMap<number, string> = new Map([
  [64, "connection lost during login"],
  [233, "connection closed by the server before login"],
  [615, "metadata cache outdated"],
  [1205, "deadlock victim"],
  [1222, "lock request timed out"],
  [4221, "login to a read-only replica not possible yet"],
  [10053, "connection aborted"],
  [10054, "connection reset"],
  [10060, "connection timed out"],
  [10928, "resource limit reached"],
  [10929, "too busy"],
  [40197, "error processing the request (failover)"],
  [40501, "service busy"],
  [40540, "transaction ended by a failover"],
  [40613, "database not available at the moment"],
  [49918, "not enough resources for the request"],
  [49919, "too many create or update operations"],
  [49920, "too many operations"],
]);

const loginFailed = [18452, 18456, 18470, 18486, 18487, 18488];
/** Not there, offline, in recovery, restoring, in single-user or emergency mode, read-only. */
const databaseUnavailable = [911, 916, 921, 922, 924, 927, 942, 945, 952, 3906, 3908, 4060, 4064];

/** What an error means for the attempt. The one place where error numbers are judged. */
export function classifyError({ kind, phase, number }: SqlFaultFacts): Classified {
  switch (kind) {
    case "unreachable":
      return { code: "SqlUnreachable", retry: "transient" };
    case "noToken":
      return { code: "SqlTokenMissing", retry: "transient" };
    case "lost":
      return { code: phase === "connect" ? "SqlUnreachable" : "SqlTransient", retry: "transient" };
    case "timeout":
      return { code: "SqlTimeout", retry: "permanent" };
    case "cancelled":
      return { code: "RunCancelled", retry: "permanent" };
    case "refused":
      return classifyNumber(number ?? 0);
  }
}

function classifyNumber(number: number): Classified {
  if (transientNumbers.has(number)) return { code: "SqlTransient", retry: "transient" };
  if (loginFailed.includes(number)) return { code: "SqlLoginFailed", retry: "permanent" };
  if (databaseUnavailable.includes(number)) return { code: "DatabaseUnavailable", retry: "permanent" };
  return { code: "SqlFailed", retry: "permanent" };
}
