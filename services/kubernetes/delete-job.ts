import pRetry from "p-retry";
import type { Clients } from "./connect.ts";
import { unlessMissing } from "./kubernetes-errors.ts";
import type { Place } from "./read-state.ts";

class StillThere extends Error {}

/**
 * Deletes the job and waits for its pods: one that is being ended still finishes its target, and writes. Without
 * the propagation policy batch/v1 would leave the pods to themselves.
 * @param patience milliseconds; the cluster goes on deleting after that.
 */
export async function deleteJob({ core, batch }: Clients, place: Place, patience: number): Promise<void> {
  const { namespace, jobId: name } = place;
  await unlessMissing(() => batch.deleteNamespacedJob({ name, namespace, propagationPolicy: "Background" }));
  const labelSelector = `batch.kubernetes.io/job-name=${name}`;
  const look = async (): Promise<void> => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    if (items.length > 0) throw new StillThere();
  };
  await pRetry(look, {
    retries: 200,
    minTimeout: 50,
    maxTimeout: 2_000,
    factor: 1.5,
    maxRetryTime: patience,
    shouldRetry: ({ error }) => error instanceof StillThere,
  }).catch((error: unknown) => {
    if (!(error instanceof StillThere)) throw error;
  });
  // Goes with its job, unless that never came to be.
  await unlessMissing(() => core.deleteNamespacedConfigMap({ name, namespace }));
}
