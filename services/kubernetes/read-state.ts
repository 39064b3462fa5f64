import type { V1Pod } from "@kubernetes/client-node";
import type { Workers } from "../../model/workers.ts";
import type { Clients } from "./connect.ts";
import { unlessMissing } from "./kubernetes-errors.ts";
import { listEvents } from "./pod-events.ts";
import { findLosses } from "./pod-losses.ts";
import { count, hasCondition, type Patience, type Sight, toWorkersState } from "./to-workers-state.ts";

export interface Place {
  readonly namespace: string;
  readonly jobId: string;
}

/**
 * Two small calls while workers run and all is well; the pods are listed only when something happened. A job that
 * is gone runs nothing.
 * @throws Failure when no worker will ever start, or none could do its work.
 */
export async function readState(clients: Clients, place: Place, patience: Patience): Promise<Workers> {
  const { jobId: name, namespace } = place;
  const job = await unlessMissing(() => clients.batch.readNamespacedJob({ name, namespace }));
  if (!job) return { state: "ended", losses: [] };
  const events = await listEvents(clients, place);
  const isQuiet = count(job, "ready") > 0 && count(job, "failed") === 0 && events.length === 0;
  const pods = isQuiet ? [] : await listPods(clients, place);
  const sight: Sight = { job, pods, events };
  const isOver = hasCondition(job, "Failed") || hasCondition(job, "FailureTarget");
  return { state: toWorkersState(sight, patience), losses: findLosses(pods, events, isOver) };
}

export async function listPods({ core }: Clients, { namespace, jobId }: Place): Promise<readonly V1Pod[]> {
  const labelSelector = `batch.kubernetes.io/job-name=${jobId}`;
  return (await core.listNamespacedPod({ namespace, labelSelector })).items;
}
