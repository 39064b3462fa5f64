import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { Failure } from "../../model/failures.ts";
import type { WorkersState } from "../../model/workers.ts";
import type { PodEvent } from "./pod-events.ts";
import { findEndProblem, findWaitingProblem, type PodProblem, toPodFailure } from "./pod-problems.ts";

/** What was seen of a job at one moment. */
export interface Sight {
  readonly job: V1Job;
  /** Empty while the job's own status says enough. */
  readonly pods: readonly V1Pod[];
  readonly events: readonly PodEvent[];
}

export interface Patience {
  readonly now: Date;
  readonly pendingSeconds: number;
}

/** A job's controller makes its pods within seconds; after this its events say why it does not. */
const creationMilliseconds = 30_000;

/** @throws Failure when no worker will ever start, or none could do its work: Pod…, KubernetesQuotaExceeded */
export function toWorkersState(sight: Sight, patience: Patience): WorkersState {
  const { job } = sight;
  if (count(job, "ready") > 0) return "running";
  if (hasCondition(job, "Complete")) return "ended";
  const isOver = hasCondition(job, "Failed");
  const problem = isOver ? findEnd(sight) : findObstacle(sight, patience);
  // Where some worker did its work, what is left of the targets is the next round's business.
  if (problem && count(job, "succeeded") === 0) throw problem;
  return isOver || problem ? "ended" : "starting";
}

export const count = (
  { status }: V1Job,
  which: "ready" | "active" | "succeeded" | "failed" | "terminating",
): number => status?.[which] ?? 0;

export const hasCondition = (job: V1Job, type: string): boolean =>
  job.status?.conditions?.some((each) => each.type === type && each.status === "True") ?? false;

/** Workers that failed by themselves are the next round's business too; those the cluster ended are not. */
const findEnd = ({ pods }: Sight): Failure | undefined => toFailure(pods.map(findEndProblem));

/** What keeps all of a job's pods from starting: one that may still start is waited for. */
function findObstacle({ job, pods, events }: Sight, patience: Patience): Failure | undefined {
  if (count(job, "active") === 0) return findRefusal(job, events, patience);
  const now = patience.now.getTime();
  const pendingMilliseconds = patience.pendingSeconds * 1_000;
  const pending = pods.filter(({ status }) => status?.phase === "Pending");
  return toFailure(pending.map((pod) => findWaitingProblem(pod, events, { now, pendingMilliseconds })));
}

function toFailure(problems: readonly (PodProblem | undefined)[]): Failure | undefined {
  const [first] = problems;
  return first && !problems.includes(undefined) ? toPodFailure(first) : undefined;
}

/** No pod is there: it may be about to come, or be refused (quota, policy, no service account). */
function findRefusal(job: V1Job, events: readonly PodEvent[], { now }: Patience): Failure | undefined {
  const { metadata } = job;
  const waited = now.getTime() - (metadata?.creationTimestamp ?? now).getTime();
  const event = events.findLast((each) => each.uid === metadata?.uid && each.reason === "FailedCreate");
  if (!event || waited < creationMilliseconds) return undefined;
  const code = event.message.includes("exceeded quota") ? "KubernetesQuotaExceeded" : "PodRefused";
  return new Failure(code, `Kubernetes makes no pods for ${event.name}: ${event.message}`);
}
