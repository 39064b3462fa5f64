import { setTimeout as wait } from "node:timers/promises";
import type { DatabaseJob, Success } from "./attempt.ts";
import { AttemptFault, toAttemptFault, toStoppedFault } from "./attempt-fault.ts";
import { attemptPackage } from "./attempt-package.ts";
import { attemptScripts } from "./attempt-scripts.ts";
import { rollBack } from "./close-transaction.ts";
import { resolveCommit } from "./resolve-commit.ts";
import type { SqlSession } from "./sql/session.ts";

/** How the work on one database ended, after all tries. */
export type DatabaseEnd =
  | { readonly state: Success; readonly tries: number }
  | { readonly state: "ended"; readonly tries: number; readonly fault: AttemptFault };

/**
 * Applies the package to one database, trying again on transient errors. Never throws.
 *
 * (p-retry, used elsewhere, is wrong here: once its signal aborts it rejects even where the last try succeeded, and an
 * order to stop that comes during COMMIT must not hide that the database was committed.)
 */
export async function applyDatabase(job: DatabaseJob, attempts: number): Promise<DatabaseEnd> {
  for (let tries = 1; ; tries += 1) {
    job.log.note(`Try ${tries} of ${attempts}: connects to ${job.login.database}`);
    const result = await tryOnce(job);
    if (!(result instanceof AttemptFault)) return { state: result, tries };
    if (result.facts.retry !== "transient" || tries >= attempts) {
      return { state: "ended", tries, fault: result };
    }
    job.log.note(`Failed: ${result.message}`);
    await backOff(tries, job.signal);
  }
}

async function tryOnce(job: DatabaseJob): Promise<Success | AttemptFault> {
  const place = { database: job.login.database };
  try {
    if (job.signal.aborted) throw toStoppedFault(place, "undone");
    return await withSession(job, (session) => attempt(session, job));
  } catch (error) {
    const fault = toAttemptFault(error, place, "undone");
    return fault.facts.retry === "ambiguous" ? resolveCommit(job, fault) : fault;
  }
}

async function attempt(session: SqlSession, job: DatabaseJob): Promise<Success> {
  try {
    return await (job.transaction === "package"
      ? attemptPackage(session, job)
      : attemptScripts(session, job));
  } catch (error) {
    await rollBack(session);
    throw error;
  }
}

async function withSession<T>(job: DatabaseJob, use: (session: SqlSession) => Promise<T>): Promise<T> {
  const session = await job.connect(job.login);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** 0.5–1 s, doubling, at most 30 s; spread, so that a fleet does not come back as one. An order to stop ends it. */
async function backOff(tries: number, signal: AbortSignal): Promise<void> {
  const milliseconds = Math.min(30_000, 500 * 2 ** (tries - 1)) * (1 + Math.random());
  try {
    await wait(milliseconds, undefined, { signal });
  } catch {
    // The next try sees the order.
  }
}
