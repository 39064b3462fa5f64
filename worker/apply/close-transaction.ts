import type { DatabaseJob } from "./attempt.ts";
import { type AttemptFault, toAttemptFault, toFault, toStoppedFault } from "./attempt-fault.ts";
import { type RanScript, toLogRow } from "./run-script.ts";
import { SqlFault } from "./sql/sql-fault.ts";
import type { SqlSession } from "./sql/session.ts";
import { planClosing } from "./statements/closing.ts";

/** Seconds after which a COMMIT without answer counts as lost. */
const commitTimeout = 300;

interface Ending {
  readonly step: number;
  readonly ending: "commit" | "rollback" | "none";
  readonly ran: readonly RanScript[];
  /** Whether the target was still ours when the database was locked. */
  readonly confirmed: Promise<boolean>;
}

/**
 * Writes log rows and journal and ends the transaction. From the moment COMMIT is sent nobody can call it back: the
 * order to stop is looked at once more before, and not heard during it.
 * @throws AttemptFault; "ambiguous" when the answer to COMMIT never came
 */
export async function closeTransaction(session: SqlSession, job: DatabaseJob, end: Ending): Promise<void> {
  const place = { database: job.login.database };
  const effect = end.ending === "none" ? "partial" : "undone";
  const now = performance.now();
  const rows = end.ran.map((script) => toLogRow(script, now));
  const batches = planClosing({ ...end, rows, key: job.key, context: job.context });
  for (const [index, batch] of batches.entries()) {
    if (!(await end.confirmed) || job.signal.aborted || !job.mayCommit()) throw toStoppedFault(place, effect);
    try {
      await session.batch(batch, { timeoutSeconds: commitTimeout });
    } catch (error) {
      if (index === batches.length - 1 && end.ending === "commit" && isUnanswered(error)) {
        throw toAmbiguous(error, job);
      }
      throw toAttemptFault(error, place, effect);
    }
  }
}

function isUnanswered(error: unknown): error is SqlFault {
  return error instanceof SqlFault && (error.facts.kind === "lost" || error.facts.kind === "timeout");
}

function toAmbiguous(error: SqlFault, job: DatabaseJob): AttemptFault {
  const message = `The answer to COMMIT never came (${error.message})`;
  const place = { database: job.login.database };
  return toFault("CommitUnknown", message, place, { effect: "partial", retry: "ambiguous" });
}

/** Rolls back what is open. When even that cannot be said, the server does it as the connection closes. */
export async function rollBack(session: SqlSession): Promise<void> {
  try {
    await session.batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;", { timeoutSeconds: commitTimeout });
  } catch {
    // The connection is lost, and the transaction with it.
  }
}
