import pRetry from "p-retry";
import type { DatabaseJob, Success } from "./attempt.ts";
import { AttemptFault } from "./attempt-fault.ts";
import { packageStep } from "./attempt-package.ts";
import { openDatabase } from "./open-database.ts";
import type { OpeningFacts } from "./statements/opening.ts";

/** Tries to ask the journal, over about two minutes: a failover takes up to one. */
const asking = { retries: 8, minTimeout: 500, factor: 2, maxTimeout: 30_000, randomize: true } as const;

/**
 * The connection was lost while COMMIT was on its way. The lock of the lost session must be gone before the journal is
 * worth reading: then its transaction has ended, one way or the other.
 * @returns a transient fault when nothing was committed (or, script by script, when there is more to do); CommitUnknown
 * when the journal cannot be read
 */
export async function resolveCommit(job: DatabaseJob, fault: AttemptFault): Promise<Success | AttemptFault> {
  job.log.note(`${fault.message}. Asks the journal.`);
  const facts = await readJournal(job);
  if (!facts) return new AttemptFault({ ...fault.facts, retry: "permanent" });
  if (job.transaction === "package" && facts.journal.get(packageStep) === "committed") {
    job.log.note("The journal says: committed.");
    return "committed";
  }
  const committed = facts.journal.size;
  job.log.note(`The journal says: ${committed === 0 ? "not committed" : `${committed} scripts committed`}.`);
  return new AttemptFault({
    retry: "transient",
    effect: committed === 0 ? "undone" : "partial",
    error: { ...fault.facts.error, code: "SqlTransient" },
  });
}

/** Not ended by an order to stop: what happened must be known either way. */
async function readJournal(job: DatabaseJob): Promise<OpeningFacts | undefined> {
  const unstoppable = { ...job, signal: new AbortController().signal };
  try {
    return await pRetry(async () => {
      const session = await job.connect(job.login);
      try {
        return await openDatabase(session, unstoppable, false);
      } finally {
        await session.close();
      }
    }, asking);
  } catch {
    return undefined;
  }
}
