import { type Cluster, change, now, withCondition } from "../cluster.ts";
import type { Container, ContainerState, ContainerStatus, Pod, PodStatus, Terminated } from "../objects.ts";
import { recordEvent } from "../record-event.ts";
import { pods } from "../resources.ts";
import type { PodEnding } from "./pod-run.ts";

/** What the kubelet reports of a pod. */

export function setRunning(
  cluster: Cluster,
  pod: Pod,
  container: Container,
  { startedAt, restarts }: { readonly startedAt: string; readonly restarts: number },
): void {
  const state = { running: { startedAt } };
  report(cluster, pod, (before) => ({
    ...{ phase: "Running", podIP: "127.0.0.1", podIPs: [{ ip: "127.0.0.1" }], hostIP: "127.0.0.1" },
    startTime: before.startTime ?? startedAt,
    conditions: withReadiness(cluster, before, true),
    containerStatuses: [toStatus(container, state, before, restarts)],
  }));
  const say = (reason: string, message: string): void => {
    recordEvent(cluster, pod, { reason, message, component: "kubelet" });
  };
  say("Pulled", `Container image "${container.image ?? ""}" already present on machine`);
  say("Created", `Created container: ${container.name}`);
  say("Started", `Started container ${container.name}`);
}

interface End {
  readonly container: Container;
  readonly terminated: Terminated;
  readonly restarts: number;
}

/** The container ended and will be started again. */
export function setRestarting(cluster: Cluster, pod: Pod, { container, terminated, restarts }: End): void {
  const message = `back-off restarting failed container=${container.name} pod=${pod.metadata.name}`;
  report(cluster, pod, (before) => ({
    conditions: withReadiness(cluster, before, false),
    containerStatuses: [
      {
        ...toStatus(container, { waiting: { reason: "CrashLoopBackOff", message } }, before, restarts + 1),
        lastState: { terminated },
      },
    ],
  }));
  recordEvent(cluster, pod, { type: "Warning", reason: "BackOff", message, component: "kubelet" });
}

/** The pod is over. */
export function setEnded(
  cluster: Cluster,
  pod: Pod,
  { container, terminated, restarts, ending }: End & { readonly ending: PodEnding | undefined },
): void {
  const phase = terminated.exitCode === 0 && ending?.why !== "evicted" ? "Succeeded" : "Failed";
  report(cluster, pod, (before) => ({
    phase,
    conditions: withReadiness(cluster, before, false),
    containerStatuses: [toStatus(container, { terminated }, before, restarts)],
    ...(ending?.why === "evicted" && toEviction(cluster, before, ending.message)),
  }));
  if (ending?.why !== "evicted") return;
  recordEvent(cluster, pod, {
    ...{ type: "Warning", reason: "Evicted", message: ending.message, component: "kubelet" },
  });
}

function toEviction(cluster: Cluster, before: PodStatus, message: string): Partial<PodStatus> {
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "TerminationByKubelet",
    message,
  } as const;
  const conditions = withCondition(withReadiness(cluster, before, false), condition, now(cluster));
  return { reason: "Evicted", message, conditions };
}

function report(cluster: Cluster, pod: Pod, toChange: (before: PodStatus) => Partial<PodStatus>): void {
  change(cluster, pods, pod, (present) => ({
    ...present,
    status: { ...present.status, ...toChange(present.status) },
  }));
}

function withReadiness(
  cluster: Cluster,
  { conditions }: PodStatus,
  isReady: boolean,
): PodStatus["conditions"] & {} {
  const status = isReady ? "True" : "False";
  const at = now(cluster);
  let all = withCondition(conditions, { type: "Initialized", status: "True" }, at);
  for (const type of ["Ready", "ContainersReady"]) all = withCondition(all, { type, status }, at);
  return all;
}

function toStatus(
  { name, image = "" }: Container,
  state: ContainerState,
  before: PodStatus,
  restartCount: number,
): ContainerStatus {
  const isRunning = state.running !== undefined;
  const lastState = before.containerStatuses?.[0]?.lastState ?? {};
  return {
    name,
    image,
    imageID: image,
    ready: isRunning,
    started: isRunning,
    restartCount,
    state,
    lastState,
  };
}
