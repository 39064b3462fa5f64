import type { V1Pod } from "@kubernetes/client-node";
import { Failure, type FailureCode } from "../../model/failures.ts";
import { exitCode } from "../../model/worker-exit.ts";
import type { PodEvent } from "./pod-events.ts";

/** Why a pod does not run, or ended other than by its own will. */
export interface PodProblem {
  readonly kind: "image" | "container" | "volume" | "unschedulable" | "out-of-memory" | "evicted" | "start";
  readonly pod: string;
  /** As Kubernetes names it: `ImagePullBackOff`. */
  readonly reason: string;
  readonly message: string;
}

interface Patience {
  readonly now: number;
  /** How long a pod may wait for a node or a volume, milliseconds. */
  readonly pendingMilliseconds: number;
}

/** A pull or a start that failed once may work the next time: a registry that hiccups, settings just being written. */
const startMilliseconds = 30_000;

/** What keeps a pod from starting for longer than it should. */
export function findWaitingProblem(
  pod: V1Pod,
  events: readonly PodEvent[],
  { now, pendingMilliseconds }: Patience,
): PodProblem | undefined {
  const waited = now - createdAt(pod, now);
  const { unscheduled, waiting } = readStatus(pod);
  const mount = events.findLast(({ uid, reason }) => uid === pod.metadata?.uid && reason === "FailedMount");
  // Both may come to pass: a node that is being added, a role on the vault that is still propagating.
  if (unscheduled && waited >= pendingMilliseconds) return toProblem(pod, "unschedulable", unscheduled);
  if (mount && waited >= pendingMilliseconds) return toProblem(pod, "volume", mount);
  const kind = waiting && waitingKinds[waiting.reason ?? ""];
  return kind && waited >= startMilliseconds ? toProblem(pod, kind, waiting) : undefined;
}

const waitingKinds: Readonly<Record<string, PodProblem["kind"]>> = {
  ErrImagePull: "image",
  ImagePullBackOff: "image",
  InvalidImageName: "image",
  ErrImageNeverPull: "image",
  CreateContainerConfigError: "container",
  CreateContainerError: "container",
  RunContainerError: "container",
};

/** Who or what ended a pod that failed, when it was not the worker itself; or that this could not even begin. */
export function findEndProblem(pod: V1Pod): PodProblem | undefined {
  if (pod.status?.phase !== "Failed") return undefined;
  if (pod.status.reason === "Evicted") return toProblem(pod, "evicted", pod.status);
  const { terminated } = readStatus(pod);
  if (terminated?.exitCode === exitCode.couldNotStart) return toProblem(pod, "start", terminated);
  const kind = terminated && endKinds[terminated.reason ?? ""];
  return kind && toProblem(pod, kind, terminated);
}

const endKinds: Readonly<Record<string, PodProblem["kind"]>> = {
  OOMKilled: "out-of-memory",
  // Never ran: no such command, or one that may not be executed.
  StartError: "container",
  ContainerCannotRun: "container",
};

const createdAt = ({ metadata }: V1Pod, otherwise: number): number =>
  metadata?.creationTimestamp?.getTime() ?? otherwise;

interface Reason {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
}

function readStatus({ status }: V1Pod): Record<"unscheduled" | "waiting" | "terminated", Reason | undefined> {
  const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
  const state = status?.containerStatuses?.[0]?.state;
  return {
    unscheduled: scheduled?.status === "False" ? scheduled : undefined,
    waiting: state?.waiting,
    terminated: state?.terminated,
  };
}

const toProblem = (
  { metadata }: V1Pod,
  kind: PodProblem["kind"],
  { reason = kind, message = "" }: Reason,
): PodProblem => ({ kind, pod: metadata?.name ?? "", reason, message });

const texts: Readonly<Record<PodProblem["kind"], string>> = {
  image: "cannot pull its image",
  container: "cannot be started",
  volume: "cannot mount its volumes",
  unschedulable: "finds no node",
  "out-of-memory": "was killed for its use of memory",
  evicted: "was evicted",
  start: "ended before its worker took a target",
};

const codes: Readonly<Record<PodProblem["kind"], FailureCode>> = {
  image: "PodImageUnavailable",
  container: "PodNotStartable",
  volume: "PodNotStartable",
  unschedulable: "PodUnschedulable",
  "out-of-memory": "PodOutOfMemory",
  evicted: "PodEvicted",
  start: "WorkersCouldNotStart",
};

export function toPodFailure({ kind, pod, reason, message }: PodProblem): Failure {
  const text = message === "" ? reason : `${reason}: ${message}`;
  return new Failure(codes[kind], `Pod ${pod} ${texts[kind]}: ${text}`);
}
