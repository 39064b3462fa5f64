import type { Readable } from "node:stream";
import type { ComputeHandle } from "../model/activities.ts";
import type { AuditEntry } from "../model/audit.ts";
import type { CallbackAddress } from "../model/callback.ts";
import type { RunId, TargetId } from "../model/ids.ts";
import type { MessageAddress, TargetEvent, TargetMessage } from "../model/messages.ts";
import type { BucketSummary, GiveUp, TargetRecord } from "../model/progress.ts";
import type { Run, RunEvent } from "../model/run.ts";
import type { RunPlan } from "../model/run-document.ts";
import type { SecretName } from "../model/secrets.ts";
import type { Workers } from "../model/workers.ts";

/**
 * The outside, as the rest of the product sees it. Every method may throw a Failure with a code of the
 * catalogue; anything else thrown is a bug or a reason to retry.
 */
export interface Services {
  readonly secrets: Secrets;
  readonly files: Files;
  readonly runs: Runs;
  readonly progress: ProgressStore;
  readonly topic: TargetTopic;
  readonly compute: Readonly<Record<ComputeHandle["kind"], Compute>>;
  readonly batchPool: BatchPool;
  readonly audit: AuditLog;
  readonly callbacks: Callbacks;
}

/** Who asked for what. There is no way to change or delete a line. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first, 100 a page. */
  list(cursor?: string): Promise<{ readonly entries: readonly AuditEntry[]; readonly cursor?: string }>;
}

/** Key Vault. Values go in, and out only to the services that need them. */
export interface Secrets {
  /** @throws SecretMissing, SecretForbidden, SecretDisabled, SecretDeleted, SecretExpired */
  read(name: SecretName): Promise<string>;
  /** Writes a new version. */
  write(name: SecretName, value: string): Promise<StoredSecret>;
  /** The stored ones of the documented names, newest version each; no values. */
  list(): Promise<readonly StoredSecret[]>;
}

export interface StoredSecret {
  readonly name: SecretName;
  readonly version: string;
  /** ISO 8601. */
  readonly updatedAt: string;
}

/** Blobs by container and path. */
export interface Files {
  /** @returns undefined when there is none. */
  read(container: string, path: string): Promise<Uint8Array | undefined>;
  /** For files that may be large. undefined when there is none. */
  open(container: string, path: string): Promise<OpenFile | undefined>;
  /** The file only when it changed since `etag`: "unchanged" otherwise. */
  readChanged(
    container: string,
    path: string,
    etag: string | undefined,
  ): Promise<{ readonly content: Uint8Array; readonly etag: string } | "unchanged" | undefined>;
  /** Replaces what was there. */
  write(container: string, path: string, content: string | Uint8Array, contentType?: string): Promise<void>;
  /** Writes only over the version `etag`, or, absent, where nothing is. @returns false when something else is there */
  writeOver(container: string, path: string, content: string, etag: string | undefined): Promise<boolean>;
  /** Replaces what was there, without holding it in memory. */
  writeStream(container: string, path: string, content: Readable, contentType?: string): Promise<void>;
  /** A page of paths under a prefix, in text order; 1,000 unless told otherwise. */
  list(
    container: string,
    prefix: string,
    page?: { readonly cursor?: string | undefined; readonly size?: number },
  ): Promise<{ readonly files: readonly ListedFile[]; readonly cursor?: string }>;
}

interface OpenFile {
  readonly bytes: number;
  readonly contentType: string;
  readonly content: Readable;
}

export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  readonly updatedAt: string;
}

/** One row per run. */
export interface Runs {
  create(run: Run): Promise<void>;
  /** @returns undefined when there is none. */
  read(runId: RunId): Promise<Run | undefined>;
  /** Applies the event to the row, guarded against another writer; the row after it. @throws UnknownRun */
  apply(runId: RunId, event: RunEvent): Promise<Run>;
  /** Newest first, 50 a page. */
  list(cursor?: string): Promise<{ readonly runs: readonly Run[]; readonly cursor?: string }>;
  /** All that have not ended, however many ended ones there are; newest first. */
  listOpen(): Promise<readonly Run[]>;
}

/** Target records and bucket summaries; counts stay exact under redelivery. */
export interface ProgressStore {
  /** Makes a summary with every target queued, unless it is there. */
  begin(runId: RunId, bucket: number, total: number): Promise<void>;
  /** Applies events of one bucket; @returns how many of them changed something. */
  apply(runId: RunId, bucket: number, events: readonly TargetEvent[]): Promise<number>;
  /** Closes targets without an outcome that no worker will report on any more. */
  giveUp(runId: RunId, bucket: number, targetIds: readonly TargetId[], why: GiveUp): Promise<void>;
  /** One point read a bucket, side by side; buckets not begun yet are left out. */
  summaries(runId: RunId, buckets: number): Promise<readonly BucketSummary[]>;
  /** Records of one bucket with `from` ≤ id ≤ `to` (absent: from the first, to the last), in order. */
  records(runId: RunId, bucket: number, from?: TargetId, to?: TargetId): Promise<readonly TargetRecord[]>;
}

/** The Service Bus topic; one subscription per run, filtered by correlation id = run id. */
export interface TargetTopic {
  /** Makes the run's subscription, unless it is there; with `sessions`, every message sent must name one. */
  subscribe(runId: RunId, options?: { readonly sessions: boolean }): Promise<void>;
  /** Sends all, in batches that fit, retried; @returns how many were accepted: all, or it throws. */
  send(messages: readonly TargetMessage[]): Promise<number>;
  /** Messages waiting or locked in the subscription; 0 when it is gone. */
  waiting(runId: RunId): Promise<number>;
  /**
   * Takes what waits in the subscription, for good, and tells which targets certainly nobody began: their message was
   * never handed to a worker, or given back each time, and now never will be. Only messages of round 1 are told of: one of a later round says
   * nothing of the rounds before. A message that somebody still has does not come, and nothing is told of it.
   *
   * A batch's messages are completed when the next batch is asked for: store what it tells before. If that is cut
   * short, they come again, without sessions as ones that were handed out: then less is known, and nothing wrong.
   * Ends with the last message, some seconds later when others are still somebody's; at once when the subscription is
   * gone.
   * @param options as for `subscribe`
   */
  takeUntouched(
    runId: RunId,
    options: { readonly sessions: boolean },
  ): AsyncIterable<readonly MessageAddress[]>;
  /** Deletes the subscription and what is in it; fine when it is gone. */
  unsubscribe(runId: RunId): Promise<void>;
}

/** The pool all runs on Batch share. A run makes what it needs; this is for what is better done before or after. */
export interface BatchPool {
  /** Makes the pool, or lets it grow, so that a run finds its nodes started. @returns without waiting for them */
  prestage(nodes: number): Promise<void>;
  /** Has the pool deleted, which takes the service minutes; fine when it is gone. */
  remove(): Promise<void>;
}

/** Batch nodes or pods that run workers. */
export interface Compute {
  launch(runId: RunId, plan: RunPlan, round: number): Promise<ComputeHandle>;
  /** @throws ComputeFailed when the job can never run. */
  state(handle: ComputeHandle): Promise<Workers>;
  /** What the workers of one round wrote on their outputs, also those that ended; nothing when the job is gone. */
  outputs(runId: RunId, round: number): AsyncIterable<WorkerOutput>;
  /** Stops the workers of one round and deletes the job; fine when it is gone. */
  release(runId: RunId, round: number): Promise<void>;
}

/** One output of one worker; `content` has to be read, or destroyed, before the next one is asked for. */
export interface WorkerOutput {
  /** The task or pod, as its compute names it. */
  readonly worker: string;
  readonly name: "stdout" | "stderr" | "log";
  readonly content: Readable;
}

/** Server jobs of Azure Pipelines that wait for a run, and their tokens, which are secrets. */
export interface Callbacks {
  /** Keeps the job's token in a vault until it is forgotten. */
  keep(runId: RunId, token: string): Promise<void>;
  /**
   * Tells the job, with its token; tried again for about a minute.
   * @throws CallbackRefused, CallbackUnanswered, CallbackNotAllowed, SecretMissing
   */
  send(runId: RunId, address: CallbackAddress, message: CallbackMessage): Promise<void>;
  /** Deletes the token, and purges it where the vault allows that; fine when it is gone. */
  forget(runId: RunId): Promise<void>;
  /** Runs whose job's token is kept. */
  list(): Promise<readonly RunId[]>;
}

export interface CallbackMessage {
  readonly result: "succeeded" | "failed";
  /** For those who watch the job's log. */
  readonly line: string;
}
