import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, changeStatus } from "../cluster.ts";
import type { Container, Pod } from "../objects.ts";
import { recordEvent } from "../record-event.ts";
import { toWaitingStatus } from "./blocked.ts";
import type { PodRun } from "./pod-run.ts";
import { pause } from "./pause.ts";
import { VolumeNotReady, writeVolumes } from "./volumes.ts";

/** Makes the pod's volumes; one that cannot be made yet is tried again. @returns false: the pod was ended meanwhile */
export async function mountVolumes(
  cluster: Cluster,
  pod: Pod,
  container: Container,
  run: PodRun,
): Promise<boolean> {
  for (let tries = 0; !run.leaving.signal.aborted; tries += 1) {
    try {
      await writeVolumes(cluster, pod, run.folder);
      return true;
    } catch (error) {
      if (!(error instanceof VolumeNotReady)) throw error;
      const containerStatuses = [toWaitingStatus(container, { reason: "ContainerCreating" })];
      changeStatus(cluster, pod, { containerStatuses });
      const { message } = error;
      recordEvent(cluster, pod, { type: "Warning", reason: "FailedMount", message, component: "kubelet" });
      await pause(cluster, cluster.settings.retryMilliseconds * 2 ** tries, run.leaving.signal);
    }
  }
  return false;
}

/** What a driver mounted is gone with the pod's end, not only with the pod. */
export async function unmountDriven({ spec }: Pod, { folder }: PodRun): Promise<void> {
  const driven = spec.volumes?.filter(({ csi }) => csi !== undefined) ?? [];
  for (const { name } of driven) await rm(join(folder, "volumes", name), { recursive: true, force: true });
}
