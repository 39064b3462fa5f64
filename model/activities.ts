import type { FailureReport } from "./failures.ts";
import type { RunId } from "./ids.ts";
import type { Counts } from "./progress.ts";
import type { FinalRunState, RunningState } from "./run.ts";
import type { WorkersState } from "./workers.ts";

/** Where a run's workers run, as its compute names it. Holds no secret. */
export interface ComputeHandle {
  readonly kind: "batch" | "kubernetes";
  readonly jobId: string;
}

export interface RunProgress {
  readonly counts: Counts;
  readonly total: number;
  /** Every target has its outcome. */
  readonly settled: boolean;
  readonly cancelRequested: boolean;
  readonly workers: WorkersState;
}

/**
 * Everything an orchestration can have done outside. Each may run twice and is safe to repeat; inputs and
 * outputs are small, hold no secret, and go into the history.
 */
export interface Activities {
  /** Records the step. `goOn` is false once cancelling was asked for, or the run has ended. */
  advanceRun(input: {
    readonly runId: RunId;
    readonly state: RunningState;
  }): Promise<{ readonly goOn: boolean }>;
  /** Makes the run's subscription, its counters and its control file. */
  stageRun(input: { readonly runId: RunId }): Promise<{ readonly buckets: number; readonly total: number }>;
  /** Sends one bucket's targets to the topic and counts what was sent. */
  enqueueTargets(input: {
    readonly runId: RunId;
    readonly bucket: number;
    readonly round: number;
  }): Promise<{ readonly sent: number }>;
  launchCompute(input: { readonly runId: RunId; readonly round: number }): Promise<ComputeHandle>;
  /** A look at counts and workers. Workers that were lost since the last look are remembered with the run. */
  readProgress(input: {
    readonly runId: RunId;
    readonly compute: ComputeHandle;
    readonly round: number;
  }): Promise<RunProgress>;
  /**
   * Nothing was heard for a while: when no message waits any more, takes outcomes from the workers' result records.
   * Sends nothing and gives nothing up.
   */
  recallResults(input: { readonly runId: RunId }): Promise<{ readonly settled: boolean }>;
  /**
   * No worker is left but targets are open: takes outcomes from the workers' result records, enqueues again what
   * has none for the next round. With `giveUp` there is no next round, and what is still open gets that state:
   * "cancelled" where no worker was ever launched; "lost" otherwise, except that targets no worker ever began are
   * `cancelled` then too (RunCancelled, or NeverBegun where nobody cancelled the run).
   */
  reconcileRun(input: {
    readonly runId: RunId;
    readonly round: number;
    readonly giveUp?: "cancelled" | "lost";
  }): Promise<{ readonly settled: boolean; readonly enqueued: number }>;
  /** Tells the workers to stop (finish what runs) or that all is settled. */
  orderWorkers(input: { readonly runId: RunId; readonly order: "stop" | "settled" }): Promise<void>;
  /**
   * Puts what the workers of these rounds wrote on their outputs among the run's logs, and remembers the workers
   * that were lost. Waits for workers that still run, `patienceSeconds` at most; what could not be collected is said
   * in a file beside. Only as long as the jobs are there.
   */
  collectOutputs(input: {
    readonly runId: RunId;
    readonly firstRound: number;
    readonly lastRound: number;
    readonly patienceSeconds: number;
  }): Promise<void>;
  /** Ends and deletes the jobs of every round; the workers in them stop. */
  releaseCompute(input: { readonly runId: RunId; readonly rounds: number }): Promise<void>;
  /** Deletes the run's subscription with whatever is left in it. */
  releaseSubscription(input: { readonly runId: RunId }): Promise<void>;
  /** Writes commits.log, errors.log, success.cfg, failure.cfg and summary.json. */
  collectLogs(input: { readonly runId: RunId; readonly failure?: FailureReport }): Promise<void>;
  /** Records the end. The state follows from the counts unless a failure or a cancel says otherwise. */
  finishRun(input: { readonly runId: RunId; readonly failure?: FailureReport }): Promise<{
    readonly state: FinalRunState;
    /** A server job waits to be told. */
    readonly callback?: true;
  }>;
  /** Tells the server job that waits for the run how it ended, remembers what came of it, and deletes the token. */
  sendCallback(input: { readonly runId: RunId }): Promise<void>;
}

export type ActivityName = keyof Activities;

/**
 * What an activity returns to the orchestration: its value, or a failure that trying again would not mend. What
 * may work later is thrown, and retried.
 */
export type ActivityAnswer<Value> =
  { readonly value: Value; readonly failure?: undefined } | { readonly failure: FailureReport };
