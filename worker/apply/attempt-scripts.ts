import type { DatabaseJob, Success } from "./attempt.ts";
import { AttemptFault, toAttemptFault, toFault, toStoppedFault } from "./attempt-fault.ts";
import { closeTransaction, rollBack } from "./close-transaction.ts";
import { selectScripts } from "./decide-scripts.ts";
import { openDatabase, prepareDatabase } from "./open-database.ts";
import type { PreparedScript } from "./prepare-package.ts";
import { runScript } from "./run-script.ts";
import type { SqlSession } from "./sql/session.ts";
import { type OpeningFacts, toBeginStep } from "./statements/opening.ts";

/**
 * Each script in a transaction of its own, or in none. The journal has a row for each, so a repeated attempt goes on
 * where the last one ended.
 */
export async function attemptScripts(session: SqlSession, job: DatabaseJob): Promise<Success> {
  const facts = await openDatabase(session, job, false);
  const left = job.scripts.filter((script) => !isLanded(job, facts, script));
  const scripts = selectScripts(job, facts.committed, left);
  const confirmed = job.confirm();
  // What a script does outside a transaction is done at once.
  if (job.transaction === "none" && !(await confirmed)) {
    throw toStoppedFault({ database: job.login.database }, "undone");
  }
  if (scripts.length > 0) await prepareDatabase(session, job, facts, false);
  let done = job.scripts.length - left.length;
  for (const script of scripts) {
    if (await runStep(session, { ...job, confirm: () => confirmed }, script, done)) done += 1;
  }
  return done === 0 && scripts.length < left.length ? "alreadyApplied" : "committed";
}

/** @throws AttemptFault when an earlier attempt left the script half done */
function isLanded(job: DatabaseJob, { journal }: OpeningFacts, { manifest }: PreparedScript): boolean {
  const state = journal.get(manifest.order);
  if (state === undefined) return false;
  if (state === "committed") {
    job.log.note(
      `Script ${manifest.order} ${manifest.fileName}: committed by an earlier attempt of this run`,
    );
    return true;
  }
  throw toFault(
    "CommitUnknown",
    "An earlier attempt began this script outside a transaction, or the script ended its transaction, and was " +
      "interrupted; how far it came is not known.",
    { database: job.login.database, script: manifest.fileName },
    { effect: "partial" },
  );
}

/** @returns false when the script failed and may (CausesBuildFailure = false) */
async function runStep(
  session: SqlSession,
  job: DatabaseJob,
  script: PreparedScript,
  done: number,
): Promise<boolean> {
  const isTransaction = job.transaction === "script";
  const { order: step, causesBuildFailure, fileName } = script.manifest;
  await session.batch(toBeginStep(job.key, step, isTransaction), { signal: job.signal });
  try {
    const ran = await runScript(session, job, script, isTransaction ? "undone" : "partial");
    const ending = isTransaction ? "commit" : "none";
    await closeTransaction(session, job, { step, ending, ran: [ran], confirmed: job.confirm() });
    return true;
  } catch (error) {
    const fault = toStepFault(error, job, fileName, done);
    if (fault.facts.stopped || fault.facts.retry !== "permanent" || causesBuildFailure) throw fault;
    await rollBack(session);
    job.log.note(`Script ${step} ${fileName} failed and may: ${fault.message}`);
    return false;
  }
}

/** What a script outside a transaction did cannot be undone, so it is never tried again. */
function toStepFault(error: unknown, job: DatabaseJob, script: string, done: number): AttemptFault {
  const fault = toAttemptFault(error, { database: job.login.database, script }, "undone");
  const { facts } = fault;
  if (job.transaction === "none") {
    const isUnknown = facts.retry !== "permanent";
    return new AttemptFault({
      ...facts,
      retry: "permanent",
      effect: "partial",
      error: isUnknown ? { ...facts.error, code: "CommitUnknown" } : facts.error,
    });
  }
  return done > 0 && facts.effect === "undone" ? new AttemptFault({ ...facts, effect: "partial" }) : fault;
}
