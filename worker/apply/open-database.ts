import type { DatabaseJob } from "./attempt.ts";
import { type AttemptFault, toFault } from "./attempt-fault.ts";
import { createRowCollector } from "./sql/result-sink.ts";
import type { RequestOptions } from "./sql/run-request.ts";
import type { SqlSession } from "./sql/session.ts";
import { SqlFault } from "./sql/sql-fault.ts";
import { type OpeningFacts, readOpening, toEnsureTables, toOpening } from "./statements/opening.ts";

/** Seconds the lock's wait may be overrun before the opening itself is given up. */
const openingSlack = 60;

/**
 * Takes the database's lock and reads the journal, in one round trip.
 * @param begin also begins the package's transaction
 * @throws AttemptFault DatabaseBusy; SqlFault
 */
export async function openDatabase(
  session: SqlSession,
  job: DatabaseJob,
  begin: boolean,
): Promise<OpeningFacts> {
  const tracked = job.scripts
    .filter(({ manifest }) => manifest.kind !== "always")
    .map(({ manifest }) => manifest.scriptId);
  const collector = createRowCollector();
  const opening = toOpening({ key: job.key, lockTimeout: job.lockTimeout, tracked, begin });
  await sendOwn(session, job, opening, {
    sink: collector,
    timeoutSeconds: job.lockTimeout / 1_000 + openingSlack,
  });
  const facts = readOpening(collector.sets);
  if (facts.lock >= 0) return facts;
  throw toFault(
    "DatabaseBusy",
    `Another runner held the database for ${job.lockTimeout / 1_000} s (sp_getapplock: ${facts.lock}).`,
    { database: job.login.database },
    { effect: "untouched", retry: "transient" },
  );
}

/**
 * The last word before the first script: refuses a database that would not take log row and journal, and makes both
 * tables where they are missing; a round trip of its own only then.
 * @throws AttemptFault DatabaseReadOnly, PermissionMissing
 */
export async function prepareDatabase(
  session: SqlSession,
  job: DatabaseJob,
  facts: OpeningFacts,
  insertRow: boolean,
): Promise<void> {
  if (!facts.isWritable) throw toPreflightFault(job, "DatabaseReadOnly", "The database is read-only.");
  if (!facts.mayWriteTables) {
    throw toPreflightFault(job, "PermissionMissing", `The login may not write ${tables}.`);
  }
  if (facts.tables === "ready") return;
  if (!facts.mayCreateTables) {
    throw toPreflightFault(job, "PermissionMissing", `The login may not make what is missing of ${tables}.`);
  }
  job.log.note(`Makes what is missing of ${tables}.`);
  await sendOwn(session, job, toEnsureTables(job.key, insertRow && !facts.hasJournal));
}

const tables = "dbo.SqlBuild_Logging and dbo.SqlFleet_Journal";

/** Permission denied: on an object, on a column, on a statement; "does not exist or you do not have permission". */
const permissionNumbers = [229, 230, 262, 1088, 2760, 4902];

/** What the product itself asks of a database, apart from the package. */
async function sendOwn(
  session: SqlSession,
  job: DatabaseJob,
  text: string,
  options?: Omit<RequestOptions, "signal">,
): Promise<void> {
  try {
    await session.batch(text, { ...options, signal: job.signal });
  } catch (error) {
    const isDenied = error instanceof SqlFault && permissionNumbers.includes(error.facts.number ?? 0);
    throw isDenied ? toPreflightFault(job, "PermissionMissing", error.message) : error;
  }
}

function toPreflightFault(
  job: DatabaseJob,
  code: "DatabaseReadOnly" | "PermissionMissing",
  message: string,
): AttemptFault {
  return toFault(code, message, { database: job.login.database }, { effect: "untouched" });
}
