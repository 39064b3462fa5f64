import type { V1Job, V1Pod } from "@kubernetes/client-node";
import type { WorkersState } from "../../model/activities.ts";
import { Failure } from "../../model/failures.ts";
import type { Clients } from "./connect.ts";
import { unlessMissing } from "./kubernetes-errors.ts";
import { findEndProblem, findWaitingProblem, type PodProblem, toPodFailure } from "./pod-problems.ts";

export interface Place {
  readonly namespace: string;
  readonly jobId: string;
}

interface Patience {
  readonly now: Date;
  readonly pendingSeconds: number;
}

/** A job's controller makes its pods within seconds; after this its events say why it does not. */
const creationMilliseconds = 30_000;

/**
 * One call while workers run; the pods are looked at only when none does. A job that is gone runs nothing.
 * @throws Failure ComputeFailed when no worker will ever start, or none could do its work.
 */
export async function readState(clients: Clients, place: Place, patience: Patience): Promise<WorkersState> {
  const { jobId: name, namespace } = place;
  const job = await unlessMissing(() => clients.batch.readNamespacedJob({ name, namespace }));
  if (!job) return "ended";
  if (count(job, "ready") > 0) return "running";
  if (hasCondition(job, "Complete")) return "ended";
  const isOver = hasCondition(job, "Failed");
  const problem = isOver ? await findEnd(clients, place) : await findObstacle(clients, place, job, patience);
  // Where some worker did its work, what is left of the targets is the next round's business.
  if (problem && count(job, "succeeded") === 0) throw problem;
  return isOver || problem ? "ended" : "starting";
}

const count = ({ status }: V1Job, which: "ready" | "active" | "succeeded"): number => status?.[which] ?? 0;

const hasCondition = (job: V1Job, type: string): boolean =>
  job.status?.conditions?.some((each) => each.type === type && each.status === "True") ?? false;

/** Workers that failed by themselves are the next round's business too; those the cluster ended are not. */
async function findEnd(clients: Clients, place: Place): Promise<Failure | undefined> {
  return toFailure((await listPods(clients, place)).map(findEndProblem));
}

/** What keeps all of a job's pods from starting: one that may still start is waited for. */
async function findObstacle(
  clients: Clients,
  place: Place,
  job: V1Job,
  patience: Patience,
): Promise<Failure | undefined> {
  if (count(job, "active") === 0) return findRefusal(clients, place, job, patience);
  const now = patience.now.getTime();
  const pendingMilliseconds = patience.pendingSeconds * 1_000;
  const pods = (await listPods(clients, place)).filter(({ status }) => status?.phase === "Pending");
  return toFailure(pods.map((pod) => findWaitingProblem(pod, { now, pendingMilliseconds })));
}

function toFailure(problems: readonly (PodProblem | undefined)[]): Failure | undefined {
  const [first] = problems;
  return first && !problems.includes(undefined) ? toPodFailure(first) : undefined;
}

async function listPods({ core }: Clients, { namespace, jobId }: Place): Promise<readonly V1Pod[]> {
  const labelSelector = `batch.kubernetes.io/job-name=${jobId}`;
  return (await core.listNamespacedPod({ namespace, labelSelector })).items;
}

/** No pod is there: it may be about to come, or be refused (quota, policy, no service account). */
async function findRefusal(
  { core }: Clients,
  place: Place,
  job: V1Job,
  { now }: Patience,
): Promise<Failure | undefined> {
  const { namespace, jobId } = place;
  const createdAt = job.metadata?.creationTimestamp ?? now;
  const waited = now.getTime() - createdAt.getTime();
  if (waited < creationMilliseconds) return undefined;
  const fieldSelector = `involvedObject.uid=${job.metadata?.uid ?? ""},reason=FailedCreate`;
  const { items } = await core.listNamespacedEvent({ namespace, fieldSelector });
  const [event] = items;
  const text = `Kubernetes makes no pods for ${jobId}: ${event?.message ?? ""}`;
  return event && new Failure("ComputeFailed", text);
}
