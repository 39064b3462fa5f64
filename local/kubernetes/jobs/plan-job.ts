import { hasCondition, hasEnded, withCondition } from "../cluster.ts";
import { type Condition, type Job, type JobStatus, type Pod, toTime } from "../objects.ts";
import { failsJob } from "./pod-failure-policy.ts";

/** What a job's pods came to, those that are gone included. */
export interface JobFacts {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly succeeded: number;
  /** Without those the job's failure policy ignores. */
  readonly failed: number;
  readonly lastFailureAt: number;
  readonly now: number;
  /** Of the delay after the first failure; it doubles with each, up to six minutes. */
  readonly retryMilliseconds: number;
}

export interface JobPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
  readonly status: JobStatus;
  /** When to look again though nothing has changed, milliseconds since 1970. */
  readonly lookAt: number | undefined;
}

/** What the job controller does next. https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
export function planJob(facts: JobFacts): JobPlan {
  const { job, pods, now } = facts;
  const conditions = job.status?.conditions ?? [];
  if (isFinished(job)) return { create: 0, remove: [], status: job.status ?? {}, lookAt: undefined };
  const left = pods.filter((pod) => !hasEnded(pod));
  const active = left.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const status: JobStatus = {
    ...(job.spec.suspend ? {} : { startTime: job.status?.startTime ?? toTime(now) }),
    active: active.length,
    terminating: left.length - active.length,
    ready: active.filter(({ status: { conditions: ready } }) => hasCondition(ready, "Ready")).length,
    succeeded: facts.succeeded,
    failed: facts.failed,
    conditions,
  };
  const ending = findEnd(facts, status, left);
  if (ending) return end(ending, { status, left, active, now });
  if (job.spec.suspend)
    return { create: 0, remove: active, status: toSuspended(status, "True", now), lookAt: undefined };
  return balance(facts, toResumed(status, now), active);
}

/** Pods that are being ended still fill their place, where the job waits for them to fail. */
const countLeaving = ({ spec }: Job, { terminating = 0 }: JobStatus): number =>
  spec.podReplacementPolicy === "Failed" ? terminating : 0;

export const isFinished = ({ status }: Job): boolean =>
  hasCondition(status?.conditions, "Complete") || hasCondition(status?.conditions, "Failed");

type Ending = Pick<Condition, "reason" | "message"> & { readonly type: "Complete" | "Failed" };

function findEnd(facts: JobFacts, status: JobStatus, left: readonly Pod[]): Ending | undefined {
  const { job, succeeded } = facts;
  const target = status.conditions?.find(({ type }) => type === "FailureTarget");
  if (target) return { type: "Failed", reason: target.reason ?? "", message: target.message ?? "" };
  const { completions } = job.spec;
  const done = completions === undefined ? succeeded > 0 && left.length === 0 : succeeded >= completions;
  if (done) {
    return {
      type: "Complete",
      reason: "CompletionsReached",
      message: "Reached expected number of succeeded pods",
    };
  }
  return findFailure(facts, status);
}

function findFailure({ job, pods, failed, now }: JobFacts, { startTime }: JobStatus): Ending | undefined {
  const { backoffLimit } = job.spec;
  const failing = pods.find((pod) => failsJob(job, pod));
  if (failing) {
    const message = `Pod ${failing.metadata.namespace ?? ""}/${failing.metadata.name} matches a FailJob rule`;
    return { type: "Failed", reason: "PodFailurePolicy", message };
  }
  const restarts = pods.flatMap(({ status }) => status.containerStatuses ?? []);
  const retries = restarts.reduce((sum, { restartCount }) => sum + restartCount, 0);
  if (failed + retries > backoffLimit) {
    const message = "Job has reached the specified backoff limit";
    return { type: "Failed", reason: "BackoffLimitExceeded", message };
  }
  const deadline = deadlineOf(job, startTime);
  if (deadline === undefined || now < deadline) return undefined;
  const message = "Job was active longer than specified deadline";
  return { type: "Failed", reason: "DeadlineExceeded", message };
}

function deadlineOf({ spec }: Job, startTime: string | undefined): number | undefined {
  if (startTime === undefined || spec.activeDeadlineSeconds === undefined) return undefined;
  return Date.parse(startTime) + spec.activeDeadlineSeconds * 1_000;
}

interface Moment {
  readonly status: JobStatus;
  readonly left: readonly Pod[];
  readonly active: readonly Pod[];
  readonly now: number;
}

/** Since 1.31 the end is announced first, and said when no pod runs any more. */
function end({ type, reason, message }: Ending, { status, left, active, now }: Moment): JobPlan {
  const announcement = type === "Complete" ? "SuccessCriteriaMet" : "FailureTarget";
  const facts = { status: "True" as const, reason: reason ?? "", message: message ?? "" };
  const announced = withCondition(status.conditions, { type: announcement, ...facts }, now);
  const isOver = left.length === 0;
  return {
    create: 0,
    remove: active,
    status: {
      ...status,
      ...(isOver && type === "Complete" && { completionTime: toTime(now) }),
      conditions: isOver ? withCondition(announced, { type, ...facts }, now) : announced,
    },
    lookAt: undefined,
  };
}

function toSuspended(status: JobStatus, isSuspended: "True" | "False", now: number): JobStatus {
  const what = isSuspended === "True" ? "suspended" : "resumed";
  const reason = isSuspended === "True" ? "JobSuspended" : "JobResumed";
  const condition = { type: "Suspended", status: isSuspended, reason, message: `Job ${what}` };
  return { ...status, conditions: withCondition(status.conditions, condition, now) };
}

const toResumed = (status: JobStatus, now: number): JobStatus =>
  hasCondition(status.conditions, "Suspended") ? toSuspended(status, "False", now) : status;

/** As many pods as should run; after a failure not at once. */
function balance(facts: JobFacts, status: JobStatus, active: readonly Pod[]): JobPlan {
  const { job, succeeded, failed, now } = facts;
  const { parallelism, completions } = job.spec;
  const queueWanted = succeeded > 0 ? Math.min(active.length, parallelism) : parallelism;
  const wanted = completions === undefined ? queueWanted : Math.min(parallelism, completions - succeeded);
  const delay = Math.min(facts.retryMilliseconds * 2 ** (failed - 1), 360_000);
  const retryAt = failed > 0 ? facts.lastFailureAt + delay : 0;
  const missing = Math.max(0, wanted - active.length - countLeaving(job, status));
  const waits = missing > 0 && now < retryAt;
  const moments = [deadlineOf(job, status.startTime), waits ? retryAt : undefined];
  const next = Math.min(...moments.filter((at) => at !== undefined));
  return {
    create: waits ? 0 : missing,
    remove: active.slice(wanted),
    status,
    lookAt: Number.isFinite(next) ? next : undefined,
  };
}
