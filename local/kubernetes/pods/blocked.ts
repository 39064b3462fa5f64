import { type Cluster, changeStatus, hasEnded, nodeName, now, podsOf, withCondition } from "../cluster.ts";
import { change } from "../cluster.ts";
import type { Container, ContainerStatus, Pod } from "../objects.ts";
import { recordEvent } from "../record-event.ts";
import { pods } from "../resources.ts";
import { findMissing } from "./environment.ts";
import { toCommand } from "./command.ts";

/** What keeps a pod from starting. */

/** Gives the pod a node. False = there is none for it now; its condition says why. */
export function schedule(cluster: Cluster, pod: Pod): boolean {
  if (pod.spec.nodeName !== undefined) return true;
  const message = cluster.unschedulable ?? findCapacityProblem(cluster);
  const at = now(cluster);
  const condition =
    message === undefined
      ? ({ type: "PodScheduled", status: "True" } as const)
      : ({ type: "PodScheduled", status: "False", reason: "Unschedulable", message } as const);
  changeStatus(cluster, pod, { conditions: withCondition(pod.status.conditions, condition, at) });
  const component = "default-scheduler";
  if (message !== undefined) {
    const isNew = !pod.status.conditions?.some((each) => each.message === message);
    if (isNew) recordEvent(cluster, pod, { type: "Warning", reason: "FailedScheduling", message, component });
    return false;
  }
  change(cluster, pods, pod, (present) => ({ ...present, spec: { ...present.spec, nodeName } }));
  const text = `Successfully assigned ${pod.metadata.namespace ?? ""}/${pod.metadata.name} to ${nodeName}`;
  recordEvent(cluster, pod, { reason: "Scheduled", message: text, component });
  return true;
}

function findCapacityProblem(cluster: Cluster): string | undefined {
  const { maximumPods } = cluster.settings;
  const placed = podsOf(cluster).filter((pod) => pod.spec.nodeName !== undefined && !hasEnded(pod));
  if (placed.length < maximumPods) return undefined;
  return "0/1 nodes are available: 1 Too many pods. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
}

/** Why the container cannot be started, as the reason it waits with; undefined when it can. */
export function findObstacle(
  cluster: Cluster,
  pod: Pod,
  container: Container,
): { readonly reason: string; readonly message: string } | undefined {
  const { image = "" } = container;
  const pull = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": not found`;
  if (cluster.refusedImages.has(image)) return { reason: "ErrImagePull", message: pull };
  if (!toCommand(cluster, container)) {
    return { reason: "ErrImagePull", message: `${pull}: no command of this machine stands for it` };
  }
  const missing = findMissing(cluster, pod, container);
  return missing === undefined ? undefined : { reason: "CreateContainerConfigError", message: missing };
}

/** Says why the container waits. A pull that failed before is backed off from. */
export function setWaiting(
  cluster: Cluster,
  pod: Pod,
  container: Container,
  waiting: { readonly reason: string; readonly message: string },
): void {
  const before = pod.status.containerStatuses?.[0]?.state.waiting;
  const { image = "" } = container;
  const backsOff = before?.reason.includes("ImagePull") === true && waiting.reason === "ErrImagePull";
  const state = backsOff
    ? {
        reason: "ImagePullBackOff",
        message: `Back-off pulling image "${image}": ErrImagePull: ${waiting.message}`,
      }
    : waiting;
  changeStatus(cluster, pod, { containerStatuses: [toWaitingStatus(container, state)] });
  if (before?.reason === state.reason) return;
  const reason = backsOff ? "BackOff" : "Failed";
  recordEvent(cluster, pod, { type: "Warning", reason, message: state.message, component: "kubelet" });
}

export const toWaitingStatus = (
  { name, image = "" }: Container,
  waiting: { readonly reason: string; readonly message?: string },
): ContainerStatus => ({
  ...{ name, image, imageID: "", ready: false, started: false, restartCount: 0 },
  ...{ state: { waiting }, lastState: {} },
});
