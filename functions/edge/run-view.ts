import { addCounts, countFinished, type BucketSummary, type Counts } from "../../model/progress.ts";
import type { Callback, CallbackOutcome } from "../../model/callback.ts";
import { isFinal, runSteps, type Run, type RunState } from "../../model/run.ts";
import type { FailureReport } from "../../model/failures.ts";
import type { RunPlan } from "../../model/run-document.ts";
import { toWorkersView, type WorkersView } from "../../model/workers.ts";

type CallbackView = { readonly state: "pending" } | CallbackOutcome;

/** What the API answers about a run. */
interface RunView {
  readonly id: string;
  readonly state: RunState;
  /** The step of the numbered flow. */
  readonly step: { readonly number: number; readonly name: string };
  readonly description: string;
  readonly package: RunPlan["package"];
  readonly mode: RunPlan["mode"];
  readonly targets: { readonly total: number } & Counts;
  /** Workers that went away before their work was through; others took it over. */
  readonly workers: WorkersView;
  readonly throughput: { readonly finished: number; readonly targetsPerSecond: number };
  /** Seconds until the last target, at the pace so far; absent before the first ended and after the last. */
  readonly etaSeconds?: number;
  readonly elapsedSeconds: number;
  readonly cancelRequested: boolean;
  readonly createdAt: string;
  readonly startedAt?: string | undefined;
  readonly endedAt?: string | undefined;
  readonly failure?: FailureReport | undefined;
  /** What came of telling the server job that waits for the run; absent when none does. */
  readonly callback?: CallbackView | undefined;
  readonly links: {
    readonly self: string;
    readonly targets: string;
    readonly logs: string;
    readonly cancel: string;
  };
}

/** @param summaries of all buckets; those not begun yet may be missing: their targets are queued. */
export function toRunView(run: Run, summaries: readonly BucketSummary[], now: Date): RunView {
  const { plan, startedAt, endedAt, failure } = run;
  const counts = toAllCounts(run, summaries);
  const self = `/api/runs/${run.id}`;
  return {
    id: run.id,
    state: run.state,
    step: runSteps[run.state],
    description: plan.description,
    package: plan.package,
    mode: plan.mode,
    targets: { total: run.targets, ...counts },
    workers: toWorkersView(run.lostWorkers),
    ...toPace(run, countFinished(counts), now),
    elapsedSeconds: secondsBetween(run.createdAt, endedAt ?? now.toISOString()),
    cancelRequested: run.cancelRequestedAt !== undefined,
    createdAt: run.createdAt,
    ...{ startedAt, endedAt, failure, callback: run.callback && toCallbackView(run.callback) },
    links: { self, targets: `${self}/targets`, logs: `${self}/logs`, cancel: `${self}/cancel` },
  };
}

function toCallbackView({ address: _, ...outcome }: Callback): CallbackView {
  return outcome;
}

function toAllCounts(run: Run, summaries: readonly BucketSummary[]): Counts {
  const counts = addCounts(summaries);
  const begun = summaries.reduce((sum, { total }) => sum + total, 0);
  return { ...counts, queued: counts.queued + run.targets - begun };
}

function toPace(run: Run, finished: number, now: Date): Pick<RunView, "throughput" | "etaSeconds"> {
  const seconds = secondsBetween(run.startedAt ?? run.createdAt, run.endedAt ?? now.toISOString());
  const targetsPerSecond = run.startedAt && seconds > 0 ? finished / seconds : 0;
  const throughput = { finished, targetsPerSecond: Math.round(targetsPerSecond * 100) / 100 };
  if (isFinal(run.state) || targetsPerSecond === 0 || finished === run.targets) return { throughput };
  return { throughput, etaSeconds: Math.ceil((run.targets - finished) / targetsPerSecond) };
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 100) / 10);
}
