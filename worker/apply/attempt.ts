import type { RunPlan } from "../../model/run-document.ts";
import type { PreparedScript } from "./prepare-package.ts";
import type { Connect, SqlLogin } from "./sql/connect.ts";
import type { ResultSink } from "./sql/result-sink.ts";
import type { LogContext } from "./statements/closing.ts";
import type { JournalKey } from "./statements/opening.ts";

/** What an attempt says about itself, for the log of its database. */
export interface AttemptLog {
  /** A line of our own, with the time. */
  note(text: string): void;
  /** Where the results of the scripts' batches go. */
  readonly results: ResultSink;
}

/** Everything one attempt at one database needs; the same for every retry. */
export interface DatabaseJob {
  readonly login: SqlLogin;
  readonly scripts: readonly PreparedScript[];
  readonly mode: RunPlan["mode"];
  readonly transaction: RunPlan["transaction"];
  readonly changedScript: RunPlan["changedScript"];
  readonly key: JournalKey;
  readonly context: LogContext;
  readonly log: AttemptLog;
  /** An order to stop: batches are cancelled, and nothing is committed any more. */
  readonly signal: AbortSignal;
  /** Asked last thing before COMMIT: whether the target is still ours. */
  readonly mayCommit: () => boolean;
  /**
   * Whether the target is ours, by asking whoever gave it out. Asked once the database's lock is held: from then on
   * whoever gets the target next waits for that lock, and finds what we did in the journal.
   */
  readonly confirm: () => Promise<boolean>;
  /** Milliseconds to wait for the database's lock. */
  readonly lockTimeout: number;
  readonly connect: Connect;
}

/** committed also when an earlier attempt of the same run had done it. */
export type Success = "committed" | "trialRolledBack" | "alreadyApplied";
