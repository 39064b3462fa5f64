import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startAgent, TaskNotStarted, type TaskProcess } from "../../process/agent.ts";
import { type Cluster, now } from "../cluster.ts";
import { type Container, type Pod, type Terminated, toTime } from "../objects.ts";
import { recordEvent } from "../record-event.ts";
import { toCommand } from "./command.ts";
import { toEnvironment } from "./environment.ts";
import { mountVolumes, unmountDriven } from "./mount-volumes.ts";
import { pause } from "./pause.ts";
import type { PodRun } from "./pod-run.ts";
import { setEnded, setRestarting, setRunning } from "./pod-status.ts";
import { toHostPath } from "./volumes.ts";

/** The pod's life on the node, from its volumes to its last status. */
export async function runPod(cluster: Cluster, pod: Pod, container: Container, run: PodRun): Promise<void> {
  await mkdir(run.folder, { recursive: true });
  try {
    if (await mountVolumes(cluster, pod, container, run)) await runUntilOver(cluster, pod, container, run);
  } finally {
    await unmountDriven(pod, run);
  }
}

async function runUntilOver(cluster: Cluster, pod: Pod, container: Container, run: PodRun): Promise<void> {
  for (let restarts = 0; ; restarts += 1) {
    const terminated = await runContainer(cluster, pod, container, run);
    const end = { container, terminated, restarts };
    if (run.ending === undefined && !cluster.stopped && wantsRestart(pod, terminated)) {
      setRestarting(cluster, pod, end);
      await pause(cluster, cluster.settings.retryMilliseconds * 2 ** restarts, run.leaving.signal);
      if (!run.leaving.signal.aborted) continue;
    }
    setEnded(cluster, pod, { ...end, ending: run.ending });
    return;
  }
}

function wantsRestart({ spec }: Pod, { exitCode }: Terminated): boolean {
  return spec.restartPolicy === "Always" || (spec.restartPolicy === "OnFailure" && exitCode !== 0);
}

async function runContainer(
  cluster: Cluster,
  pod: Pod,
  container: Container,
  run: PodRun,
): Promise<Terminated> {
  const startedAt = toTime(now(cluster));
  const over = (exitCode: number, reason: string, message?: string): Terminated => ({
    ...{ exitCode, reason, startedAt, finishedAt: toTime(now(cluster)) },
    ...(message !== undefined && { message }),
  });
  try {
    const process = await startContainer(cluster, pod, container, run);
    run.process = process;
    if (run.leaving.signal.aborted) process.end(0);
    else setRunning(cluster, pod, container, { startedAt, restarts: run.logs.length - 1 });
    const exitCode = await process.ended;
    if (exitCode === undefined)
      return over(137, "ContainerStatusUnknown", "The node went away under the pod");
    if (run.ending?.why === "out-of-memory") return over(137, "OOMKilled");
    return over(exitCode, exitCode === 0 ? "Completed" : "Error");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    recordEvent(cluster, pod, {
      type: "Warning",
      reason: "Failed",
      message: `Error: ${message}`,
      component: "kubelet",
    });
    return over(128, error instanceof TaskNotStarted ? "StartError" : "ContainerCannotRun", message);
  }
}

async function startContainer(
  cluster: Cluster,
  pod: Pod,
  container: Container,
  run: PodRun,
): Promise<TaskProcess> {
  const { namespace = "", name, labels = {} } = pod.metadata;
  const serviceAccount = pod.spec.serviceAccountName ?? "default";
  const given = await cluster.settings.podEnvironment({ namespace, name, labels, serviceAccount });
  const toHost = toHostPath(container, run.folder);
  const wanted = Object.entries(toEnvironment(cluster, pod, container));
  const env = { ...given, ...Object.fromEntries(wanted.map(([key, value]) => [key, toHost(value)])) };
  const [file = "", ...args] = toCommand(cluster, container, toHost) ?? [];
  const log = join(run.folder, `${container.name}.${run.logs.length}.log`);
  run.logs.push(log);
  const node = await openNode(cluster);
  const key = `${run.uid}/${run.logs.length}`;
  return node.start({ key, file, args, env, folder: run.folder, stdout: log, stderr: log });
}

function openNode(cluster: Cluster): NonNullable<Cluster["node"]> {
  const forget = (): void => {
    cluster.node = undefined;
  };
  // What ran on one that is lost says so itself; the next pod gets another.
  cluster.node ??= startAgent(agentGraceMilliseconds, forget).catch((error: unknown) => {
    forget();
    throw error;
  });
  return cluster.node;
}

/** Pods are ended by their own grace time before their node is; this is for what is left when the stack stops. */
const agentGraceMilliseconds = 5_000;
