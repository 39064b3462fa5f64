import type { DatabaseJob } from "./attempt.ts";
import { toFault } from "./attempt-fault.ts";
import { createRowCollector } from "./sql/result-sink.ts";
import type { SqlSession } from "./sql/session.ts";
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
  const onceOnly = job.scripts
    .filter(({ manifest }) => !manifest.allowMultipleRuns)
    .map(({ manifest }) => manifest.scriptId);
  const collector = createRowCollector();
  await session.batch(toOpening({ key: job.key, lockTimeout: job.lockTimeout, onceOnly, begin }), {
    sink: collector,
    timeoutSeconds: job.lockTimeout / 1_000 + openingSlack,
    signal: job.signal,
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

/** Makes log table and journal where they are missing; a round trip of its own only then. */
export async function ensureTables(
  session: SqlSession,
  job: DatabaseJob,
  facts: OpeningFacts,
  insertRow: boolean,
): Promise<void> {
  if (facts.tables === "ready") return;
  job.log.note("Creates what is missing of SqlBuild_Logging and SqlFleet_Journal.");
  await session.batch(toEnsureTables(job.key, insertRow && !facts.hasJournal), { signal: job.signal });
}
