import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, hasEnded, podsOf } from "../cluster.ts";
import type { Pod } from "../objects.ts";
import { recordEvent } from "../record-event.ts";
import { pods } from "../resources.ts";
import { findObstacle, schedule, setWaiting } from "./blocked.ts";
import { endRun, type PodRun } from "./pod-run.ts";
import { runPod } from "./run-pod.ts";

/** Starts the pods that can start and ends those that are to be deleted: scheduler and kubelet in one. */
export function syncPods(cluster: Cluster): void {
  const all = podsOf(cluster);
  const present = new Set(all.map(({ metadata }) => metadata.uid));
  for (const pod of all) {
    if (pod.metadata.deletionTimestamp !== undefined) end(cluster, pod);
    else if (!cluster.runs.has(pod.metadata.uid) && !hasEnded(pod)) tryStart(cluster, pod);
  }
  for (const run of cluster.runs.values()) if (!present.has(run.uid)) forget(cluster, run);
}

function tryStart(cluster: Cluster, pod: Pod): void {
  const [container] = pod.spec.containers;
  if (!container || !schedule(cluster, pod)) return;
  const obstacle = findObstacle(cluster, pod, container);
  if (obstacle) {
    setWaiting(cluster, pod, container, obstacle);
    return;
  }
  const { uid, name } = pod.metadata;
  const run: PodRun = {
    ...{ uid, folder: join(cluster.settings.folder, `${name}_${uid}`), logs: [] },
    ...{ leaving: new AbortController(), isOver: false, done: Promise.resolve() },
  };
  cluster.runs.set(uid, run);
  run.done = runPod(cluster, pod, container, run).finally(() => {
    run.isOver = true;
    cluster.wake();
  });
}

function end(cluster: Cluster, pod: Pod): void {
  const run = cluster.runs.get(pod.metadata.uid);
  if (!run || run.isOver) {
    if ((pod.metadata.finalizers ?? []).length === 0) cluster.store.remove(pods, pod);
    return;
  }
  if (run.ending?.why === "deleted") return;
  const message = `Stopping container ${pod.spec.containers[0]?.name ?? ""}`;
  recordEvent(cluster, pod, { reason: "Killing", message, component: "kubelet" });
  endRun(run, { why: "deleted" }, (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1_000);
}

/** The pod is gone: so must be what it ran and wrote. */
function forget(cluster: Cluster, run: PodRun): void {
  if (!run.isOver) {
    if (!run.leaving.signal.aborted) endRun(run, { why: "deleted" }, 0);
    return;
  }
  cluster.runs.delete(run.uid);
  // A disk that cannot be cleared is no reason to stop.
  void rm(run.folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}
