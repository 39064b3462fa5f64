import { createObject, randomSuffix } from "../admission/create-object.ts";
import { change, type Cluster, hasEnded, now, type PodEnd, podsOf } from "../cluster.ts";
import { deleteObject } from "../delete-object.ts";
import { KubernetesError } from "../errors.ts";
import { type Condition, isControlledBy, type Job, type JobStatus, type Pod } from "../objects.ts";
import { recordEvent } from "../record-event.ts";
import { jobs, pods } from "../resources.ts";
import type { Change } from "../change-journal.ts";
import { isFinished, type JobPlan, planJob } from "./plan-job.ts";
import { isIgnored } from "./pod-failure-policy.ts";

const component = "job-controller";

/**
 * Brings every job to where it should be.
 * @returns when to look again though nothing changes, milliseconds since 1970.
 */
export function syncJobs(cluster: Cluster): number | undefined {
  const all = cluster.store.list(jobs) as readonly Job[];
  const moments = all.map((job) => (isFinished(job) ? expire(cluster, job) : syncJob(cluster, job)));
  const next = Math.min(...moments.filter((at) => at !== undefined));
  return Number.isFinite(next) ? next : undefined;
}

function syncJob(cluster: Cluster, job: Job): number | undefined {
  if (job.metadata.deletionTimestamp !== undefined) return undefined;
  const { uid, namespace } = job.metadata;
  const tally = [...(cluster.tallies.get(uid)?.values() ?? [])];
  const failures = tally.filter(({ result }) => result === "failed");
  const plan = planJob({
    job,
    pods: podsOf(cluster, namespace).filter((pod) => isControlledBy(pod, uid)),
    succeeded: tally.length - failures.length,
    failed: failures.length,
    lastFailureAt: Math.max(0, ...failures.map(({ at }) => at)),
    now: now(cluster),
    retryMilliseconds: cluster.settings.retryMilliseconds,
  });
  carryOut(cluster, job, plan);
  return plan.lookAt;
}

function carryOut(cluster: Cluster, job: Job, { create, remove, status }: JobPlan): void {
  change(cluster, jobs, job, (present) => ({ ...present, status }));
  announce(cluster, job, status);
  for (const pod of remove) {
    deleteObject(cluster, pods, pod);
    const message = `Deleted pod: ${pod.metadata.name}`;
    recordEvent(cluster, job, { reason: "SuccessfulDelete", message, component });
  }
  for (let count = 0; count < create; count += 1) if (!createPod(cluster, job)) return;
}

/** Says once what the job has come to. */
function announce(cluster: Cluster, job: Job, { conditions = [] }: JobStatus): void {
  const before = new Map(job.status?.conditions?.map(({ type, status }) => [type, status]));
  for (const condition of conditions.filter(({ type, status }) => before.get(type) !== status)) {
    const event = toEvent(condition);
    if (event) recordEvent(cluster, job, { ...event, component });
  }
}

function toEvent(condition: Condition): Omit<Parameters<typeof recordEvent>[2], "component"> | undefined {
  const { type, reason = "", message = "" } = condition;
  if (type === "Complete") return { reason: "Completed", message: "Job completed" };
  if (type === "FailureTarget") return { type: "Warning", reason, message };
  return type === "Suspended" ? { reason: reason.replace(/^Job/, ""), message } : undefined;
}

/** False = refused; the reason is in the job's events. */
function createPod(cluster: Cluster, job: Job): boolean {
  const { name, namespace, uid } = job.metadata;
  const { metadata, spec } = job.spec.template;
  const owner = { apiVersion: job.apiVersion, kind: job.kind, name, uid };
  const given = {
    metadata: {
      ...metadata,
      name: `${name.slice(0, 57)}-${randomSuffix()}`,
      generateName: `${name}-`,
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec,
  };
  try {
    const pod = cluster.store.insert(pods, createObject(cluster, pods, given, namespace));
    const message = `Created pod: ${pod.metadata.name}`;
    recordEvent(cluster, job, { reason: "SuccessfulCreate", message, component });
    return true;
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    // The pod's name is another one each time.
    const message = `Error creating: ${error.message.replace(given.metadata.name, `${name}-`)}`;
    recordFailedCreate(cluster, job, message);
    return false;
  }
}

/** Once: an event for each try would itself be a change, and bring on the next try. */
function recordFailedCreate(cluster: Cluster, job: Job, message: string): void {
  const facts = { type: "Warning", reason: "FailedCreate", message, component } as const;
  if (cluster.refusedPods.has(`${job.metadata.uid} ${message}`)) return;
  cluster.refusedPods.add(`${job.metadata.uid} ${message}`);
  recordEvent(cluster, job, facts);
}

/** Deletes a finished job whose time is over. */
function expire(cluster: Cluster, job: Job): number | undefined {
  const { ttlSecondsAfterFinished: seconds } = job.spec;
  if (seconds === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
  const ends = job.status?.conditions?.filter(({ type }) => type === "Complete" || type === "Failed") ?? [];
  const due = Date.parse(ends[0]?.lastTransitionTime ?? "") + seconds * 1_000;
  if (now(cluster) < due) return due;
  deleteObject(cluster, jobs, job, { propagation: "Foreground" });
  return undefined;
}

/** Remembers how a job's pod ended, also when the pod itself is deleted afterwards. */
export function countPod(cluster: Cluster, { type, resource, object }: Change): void {
  if (resource !== pods) return;
  const pod = object as Pod;
  // One that was deleted before it could end counts as failed.
  const job = hasEnded(pod) || type === "DELETED" ? findJob(cluster, pod) : undefined;
  if (!job || isFinished(job) || isIgnored(job, pod)) return;
  const { uid } = job.metadata;
  const tally = cluster.tallies.get(uid) ?? new Map<string, PodEnd>();
  cluster.tallies.set(uid, tally);
  if (tally.has(pod.metadata.uid)) return;
  const result = pod.status.phase === "Succeeded" ? "succeeded" : "failed";
  tally.set(pod.metadata.uid, { result, at: now(cluster) });
}

function findJob({ store }: Cluster, { metadata }: Pod): Job | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const job = owner && (store.get(jobs, metadata.namespace, owner.name) as Job | undefined);
  return job?.metadata.uid === owner?.uid ? job : undefined;
}
