import type { DatabaseJob, Success } from "./attempt.ts";
import { AttemptFault, toFault } from "./attempt-fault.ts";
import { closeTransaction } from "./close-transaction.ts";
import { selectScripts } from "./decide-scripts.ts";
import { openDatabase, prepareDatabase } from "./open-database.ts";
import type { PreparedScript } from "./prepare-package.ts";
import { type RanScript, runScript } from "./run-script.ts";
import type { SqlSession } from "./sql/session.ts";
import type { OpeningFacts } from "./statements/opening.ts";

/** The journal's step of a package that is one transaction. */
export const packageStep = 0;

/**
 * All scripts of one database in one transaction.
 *
 * Scripts run with XACT_ABORT OFF, SQL Server's default and what sbm runs them with: ON would doom the transaction in
 * a script that catches its own errors (TRY/CATCH), and rule out savepoints. Any error that reaches us rolls back all
 * the same, because we never go on to COMMIT after one.
 */
export async function attemptPackage(session: SqlSession, job: DatabaseJob): Promise<Success> {
  const facts = await openDatabase(session, job, true);
  if (isLanded(job, facts)) return "committed";
  const scripts = selectScripts(job, facts.committed, job.scripts);
  if (scripts.length === 0) return "alreadyApplied";
  // Beside the scripts, not before them: the answer is needed at COMMIT.
  const confirmed = job.confirm();
  await prepareDatabase(session, job, facts, true);

  const ran: RanScript[] = [];
  for (const script of scripts) {
    const done = await runGuarded(session, job, script);
    if (done) ran.push(done);
  }
  const ending = job.mode === "trial" ? "rollback" : "commit";
  await closeTransaction(session, job, { step: packageStep, ending, ran, confirmed });
  return job.mode === "trial" ? "trialRolledBack" : "committed";
}

function isLanded(job: DatabaseJob, { journal }: OpeningFacts): boolean {
  const state = journal.get(packageStep);
  if (state === undefined) return false;
  if (state === "committed") {
    job.log.note("The journal says: an earlier attempt of this run has committed. Nothing is run again.");
    return true;
  }
  throw toFault(
    "CommitUnknown",
    "A script of an earlier attempt ended the transaction around it; part of the package may be in the database.",
    { database: job.login.database },
    { effect: "partial" },
  );
}

/**
 * A script that may fail without failing the package (CausesBuildFailure = false) is undone to its savepoint
 * (RollBackOnError = true), or left as far as it came.
 * @returns undefined when it failed, and may
 */
async function runGuarded(
  session: SqlSession,
  job: DatabaseJob,
  script: PreparedScript,
): Promise<RanScript | undefined> {
  const { causesBuildFailure, rollBackOnError, order, fileName } = script.manifest;
  if (causesBuildFailure) return runScript(session, job, script, "undone");
  const savepoint = `sqlfleet_${order}`;
  if (rollBackOnError) await session.batch(`SAVE TRANSACTION ${savepoint};`, { signal: job.signal });
  try {
    return await runScript(session, job, script, "undone");
  } catch (error) {
    if (!(error instanceof AttemptFault) || !mayGoOn(error)) throw error;
    await recover(session, error, rollBackOnError ? savepoint : undefined);
    job.log.note(`Script ${order} ${fileName} failed and may: ${error.message}`);
    return undefined;
  }
}

function mayGoOn({ facts }: AttemptFault): boolean {
  return facts.stopped !== true && facts.retry === "permanent";
}

/** Some errors end the whole transaction, whatever the script may: then the package has failed. */
async function recover(
  session: SqlSession,
  fault: AttemptFault,
  savepoint: string | undefined,
): Promise<void> {
  const back = savepoint === undefined ? "" : `\nROLLBACK TRANSACTION ${savepoint};`;
  try {
    await session.batch(`IF @@TRANCOUNT <> 1 THROW 51003, N'The transaction is gone.', 1;${back}`);
  } catch {
    throw fault;
  }
}
