import type { V1Pod, V1PodStatus } from "@kubernetes/client-node";
import type { WorkerLoss } from "../../model/workers.ts";
import type { PodEvent } from "./pod-events.ts";

interface Taken {
  readonly pod: string;
  readonly reason: string;
  readonly detail: string;
}

/**
 * The pods that were ended from outside: what their status says, and of those that are gone, what their events say.
 * @param isOver the job itself ended its pods (its deadline, its limit of failures): such an end is no loss
 */
export function findLosses(
  pods: readonly V1Pod[],
  events: readonly PodEvent[],
  isOver: boolean,
): readonly WorkerLoss[] {
  const seen = [...pods.map(findTaken), ...(isOver ? [] : toSorted(events).map(toTaken))];
  const losses = new Map<string, Taken>();
  for (const taken of seen) {
    if (taken && !losses.has(taken.pod)) losses.set(taken.pod, taken);
  }
  return [...losses.values()].map(toLoss);
}

function findTaken({ metadata, status }: V1Pod): Taken | undefined {
  const told = findDisruption(status) ?? findKill(status);
  return told && { pod: metadata?.name ?? "", ...told };
}

type Told = Omit<Taken, "pod">;

/** https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
function findDisruption(status: V1PodStatus | undefined): Told | undefined {
  const target = status?.conditions?.find((each) => each.type === "DisruptionTarget");
  const isTaken = target?.status === "True" || status?.reason === "Evicted";
  // The pod's own reason, where there is one, is the nearer one: `Evicted`.
  return isTaken ? toTold([status, target]) : undefined;
}

function findKill(status: V1PodStatus | undefined): Told | undefined {
  const ended = status?.containerStatuses?.[0]?.state?.terminated;
  return ["OOMKilled", "ContainerStatusUnknown"].includes(ended?.reason ?? "") ? toTold([ended]) : undefined;
}

interface Teller {
  readonly reason?: string;
  readonly message?: string;
}

/** The first that says anything. */
const toTold = (tellers: readonly (Teller | undefined)[]): Told => ({
  reason: tellers.map((each) => each?.reason).find(Boolean) ?? "DisruptionTarget",
  detail: tellers.map((each) => each?.message).find(Boolean) ?? "",
});

/** The events that mean an end, the more telling ones first: `Killing` follows each of the others. */
const endings = ["Evicted", "Preempted", "TaintManagerEviction", "ScaleDown", "Killing"];

const toSorted = (events: readonly PodEvent[]): readonly PodEvent[] =>
  endings.flatMap((reason) => events.filter((event) => event.reason === reason));

const toTaken = ({ kind, name, reason, message }: PodEvent): Taken | undefined =>
  kind === "Pod" ? { pod: name, reason, detail: message } : undefined;

const texts: Readonly<Record<string, string>> = {
  Evicted: "was evicted",
  TerminationByKubelet: "was evicted",
  EvictionByEvictionAPI: "was moved off its node",
  Preempted: "had to make room for another pod",
  PreemptionByScheduler: "had to make room for another pod",
  TaintManagerEviction: "lost its node",
  DeletionByTaintManager: "lost its node",
  DeletionByPodGC: "lost its node",
  ContainerStatusUnknown: "lost its node",
  ScaleDown: "lost its node, which the cluster no longer needed",
  OOMKilled: "was killed for its use of memory",
};

function toLoss({ pod, reason, detail }: Taken): WorkerLoss {
  const what = texts[reason] ?? "was ended from outside";
  const why = detail === "" ? "" : ` (${detail})`;
  return { worker: pod, reason, message: `Pod ${pod} ${what}${why}; its targets go to the others.` };
}
