import { type TargetOutcome, isSuccess } from "../model/target.ts";
import type { TargetDelivery } from "../services/service-bus/target-receiver.ts";
import { type ApplyContext, applyTarget } from "./apply/apply-target.ts";
import { redactText } from "./apply/redact-login.ts";
import { joinSignals } from "./join-signals.ts";
import {
  type Reporter,
  reportAgain,
  reportEnded,
  reportStarted,
  uploadLogs,
} from "./report/report-target.ts";
import { readResult } from "./report/result-record.ts";
import { type TargetLog, createTargetLog } from "./report/target-log.ts";

/** Why work on a target was told to stop; the reason of its AbortSignal. */
export type StopReason = "runCancelled" | "shutdown" | "lockLost";

/** left: without an outcome; the message goes to whoever takes it next. */
type TargetEnd = "succeeded" | "failed" | "left";

export interface TargetWork {
  readonly apply: ApplyContext;
  readonly reporter: Reporter;
  /** Aborts with a {@link StopReason}. */
  readonly stop: AbortSignal;
}

/** What is left when nothing more happens in the databases: telling how it ended, and settling the message. */
type Report = () => Promise<TargetEnd>;

/**
 * One message, from its arrival to its completion: recall → apply → report. The report is for the caller to do, who may
 * begin another target before it. Neither it nor this ever throws.
 */
export async function workOnTarget(work: TargetWork, delivery: TargetDelivery): Promise<Report> {
  const fail = (error: unknown): Promise<TargetEnd> => {
    work.reporter.log.reportFailed(delivery.message.target.id, "target", error);
    return leave(work.reporter, delivery, "failed inside");
  };
  try {
    const report = await recallOrApply(work, delivery);
    return () => report().catch(fail);
  } catch (error) {
    return () => fail(error);
  }
}

async function recallOrApply(work: TargetWork, delivery: TargetDelivery): Promise<Report> {
  const { reporter } = work;
  const known = isRepeated(delivery) ? await readResult(reporter.files, delivery.message) : undefined;
  if (!known) return apply(work, delivery);
  return async () => {
    await reportAgain(reporter, delivery, known);
    return isSuccess(known.outcome.state) ? "succeeded" : "failed";
  };
}

async function apply(work: TargetWork, delivery: TargetDelivery): Promise<Report> {
  const { reporter } = work;
  const { target, round } = delivery.message;
  reporter.log.targetStarted(target.id, delivery.delivery);
  reportStarted(reporter, delivery);

  const logs: TargetLog[] = [];
  const { signal, release } = joinSignals(work.stop, delivery.lost);
  const outcome = await applyTarget(work.apply, {
    target,
    signal,
    mayCommit: () => !delivery.isLost(),
    confirm: () => delivery.confirm(),
    earlierTries: delivery.delivery - 1 + (round - 1),
    logFor: (database) => {
      const log = openLog(work, delivery, database);
      logs.push(log);
      return log;
    },
  }).finally(release);

  return async () => {
    try {
      return await end(work, delivery, outcome, logs);
    } finally {
      for (const log of logs) log.discard();
    }
  };
}

async function end(
  { reporter, stop }: TargetWork,
  delivery: TargetDelivery,
  outcome: TargetOutcome,
  logs: readonly TargetLog[],
): Promise<TargetEnd> {
  const reason = whyLeft(outcome, stop, delivery);
  if (reason === undefined) {
    const isReported = await reportEnded(reporter, delivery, outcome, logs);
    if (!isReported) return leave(reporter, delivery, "not reported");
    return isSuccess(outcome.state) ? "succeeded" : "failed";
  }
  // Who takes the target next writes behind this log; once the lock is lost, that may have happened already.
  if (!delivery.isLost()) await uploadLogs(reporter, delivery, logs);
  return leave(reporter, delivery, reason);
}

/**
 * An outcome that says less than what the next delivery will find out is not reported:
 * stopped by SIGTERM or a lost lock, it is not the target's end; and when the database was busy on a later delivery,
 * the one who held it may well have been this run's own earlier one, about to commit.
 */
function whyLeft(outcome: TargetOutcome, stop: AbortSignal, delivery: TargetDelivery): string | undefined {
  if (isSuccess(outcome.state)) return undefined;
  if (delivery.isLost()) return "lock lost";
  const code = outcome.error?.code;
  if (code === "RunCancelled" && stop.reason !== "runCancelled") return "stopped";
  return code === "DatabaseBusy" && isRepeated(delivery) ? "database busy" : undefined;
}

async function leave(reporter: Reporter, delivery: TargetDelivery, reason: string): Promise<TargetEnd> {
  reporter.log.targetAbandoned(delivery.message.target.id, reason);
  await delivery.abandon();
  return "left";
}

function isRepeated(delivery: TargetDelivery): boolean {
  return delivery.delivery > 1 || delivery.message.round > 1;
}

function openLog({ apply, reporter }: TargetWork, delivery: TargetDelivery, database: string): TargetLog {
  const { message } = delivery;
  return createTargetLog({
    files: reporter.files,
    keepEarlier: isRepeated(delivery),
    redact: (text) => redactText(text, apply.auth),
    header: {
      runId: message.runId,
      targetId: message.target.id,
      packageName: apply.plan.package.name,
      packageHash: apply.manifest.sha256,
      server: message.target.server,
      database,
      workerId: reporter.workerId,
      round: message.round,
      delivery: delivery.delivery,
    },
  });
}
