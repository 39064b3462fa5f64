import { randomBytes } from "node:crypto";
import type { VerifyToken } from "../identity/verify.ts";
import { type Clock, type RunningPart, systemClock } from "../part.ts";
import { startWebServer, type WebFault } from "../web-server.ts";
import { answer } from "./answer.ts";
import type { KubernetesAccess } from "./authentication.ts";
import { answerManagement } from "./management.ts";
import { type Cluster, now, podsOf, type Settings } from "./cluster.ts";
import { createCluster, stopCluster } from "./create-cluster.ts";
import { type PodEnding, endRun } from "./pods/pod-run.ts";

export interface KubernetesOptions {
  /** PEM. The authority's certificate goes into the kubeconfig. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string };
  readonly verifyToken: VerifyToken;
  /** Who may do what, besides the administrator of the kubeconfig. */
  readonly access: readonly KubernetesAccess[];
  /** What the cluster is called in Azure. Default `local`. */
  readonly clusterName?: string;
  /** Where pods keep their volumes and logs; created when needed. */
  readonly folder: string;
  /** Made at the start, besides `default`. */
  readonly namespaces?: readonly string[];
  /** What an image is on this machine: a program and its arguments, in place of the container's own command. */
  readonly command?: Settings["command"];
  /**
   * What a pod's process finds in its environment besides what its manifest says. Nothing is inherited from this
   * process: without it there is not even a PATH.
   */
  readonly podEnvironment?: Settings["podEnvironment"];
  /** How the workload identity webhook is set up; absent: it is not installed. */
  readonly workloadIdentity?: Settings["workloadIdentity"];
  /** Where the Secrets Store CSI driver finds the vault of a name; absent: it is not installed. */
  readonly vaultUrl?: (keyvaultName: string) => string;
  /** How many pods the node takes. Default 64. */
  readonly maximumPods?: number;
  /** Delay before a failed pod or container is started again; doubles each time. Default 10 s, as Kubernetes. */
  readonly retryMilliseconds?: number;
  readonly clock?: Clock;
  readonly port?: number;
  readonly fault?: WebFault;
}

export interface RunningKubernetes extends RunningPart {
  /** `https://localhost:{port}` */
  readonly url: string;
  /** Of the cluster's administrator. */
  readonly adminToken: string;
  /** For `kubectl --kubeconfig`: the administrator's; JSON, which is YAML too. */
  readonly kubeconfig: string;
  /** The pods that have a process at this moment. */
  running(): readonly RunningPod[];
  /** From now on the image cannot be pulled; `false` ends it. */
  refuseImage(image: string, isRefused?: boolean): void;
  /** From now on no pod finds a node, with this message; `undefined` ends it. */
  failScheduling(message: string | undefined): void;
  /** From now on no pod is made, for this reason (`exceeded quota: …`, a policy's); `undefined` ends it. */
  refusePods(message: string | undefined): void;
  /** The kernel ends the pod's process. False = it has none. */
  exhaustMemory(pod: PodName): boolean;
  /** The kubelet ends the pod to reclaim resources. False = it has no process. */
  evict(pod: PodName, message?: string): boolean;
}

interface PodName {
  readonly namespace: string;
  readonly name: string;
}

interface RunningPod extends PodName {
  readonly labels: Readonly<Record<string, string>>;
  readonly pid: number;
}

/** Starts a Kubernetes API server whose pods are processes of this machine. */
export async function startKubernetes(options: KubernetesOptions): Promise<RunningKubernetes> {
  const cluster = createCluster(toSettings(options), options.namespaces ?? []);
  const adminToken = randomBytes(32).toString("base64url");
  const guard = {
    ...options,
    adminToken,
    serviceAccountTokens: cluster.serviceAccountTokens,
    now: () => now(cluster),
  };
  const managed = {
    ...{ verifyToken: options.verifyToken, access: options.access },
    clusterName: options.clusterName ?? "local",
    kubeconfig: () => toKubeconfig(cluster.url, options.tls.ca, undefined),
  };
  const server = await startWebServer({
    handler: async (request) => answerManagement(managed, request) ?? answer(cluster, guard, request),
    ...{ tls: options.tls, fault: options.fault, port: options.port },
  });
  cluster.url = server.origin;
  return {
    ...{ url: server.origin, adminToken },
    kubeconfig: toKubeconfig(server.origin, options.tls.ca, adminToken),
    running: () => listRunning(cluster),
    ...createFaults(cluster),
    env: { KUBERNETES_API_SERVER: server.origin, KUBERNETES_CA_DATA: toBase64(options.tls.ca) },
    listening: [{ name: "Kubernetes", address: server.origin }],
    stop: async () => {
      await server.stop();
      await stopCluster(cluster);
    },
  };
}

function toSettings(options: KubernetesOptions): Settings {
  return {
    clock: options.clock ?? systemClock,
    folder: options.folder,
    maximumPods: options.maximumPods ?? 64,
    retryMilliseconds: options.retryMilliseconds ?? 10_000,
    command: options.command ?? (() => undefined),
    podEnvironment: options.podEnvironment ?? (() => ({})),
    workloadIdentity: options.workloadIdentity,
    secretsStore: options.vaultUrl && { vaultUrl: options.vaultUrl, ca: options.tls.ca },
  };
}

function createFaults(
  cluster: Cluster,
): Pick<RunningKubernetes, "refuseImage" | "failScheduling" | "refusePods" | "exhaustMemory" | "evict"> {
  return {
    refuseImage: (image, isRefused = true) => {
      if (isRefused) cluster.refusedImages.add(image);
      else cluster.refusedImages.delete(image);
      cluster.wake();
    },
    failScheduling: (message) => {
      cluster.unschedulable = message;
      cluster.wake();
    },
    refusePods: (message) => {
      cluster.refusal = message;
      cluster.wake();
    },
    exhaustMemory: (pod) => endPod(cluster, pod, { why: "out-of-memory" }),
    evict: (pod, message = "The node was low on resource: memory.") =>
      endPod(cluster, pod, { why: "evicted", message }),
  };
}

function endPod(cluster: Cluster, { namespace, name }: PodName, ending: PodEnding): boolean {
  const pod = podsOf(cluster, namespace).find(({ metadata }) => metadata.name === name);
  const run = cluster.runs.get(pod?.metadata.uid ?? "");
  if (!pod || !run?.process || run.isOver) return false;
  // The kernel does not ask; the kubelet does.
  endRun(run, ending, ending.why === "evicted" ? pod.spec.terminationGracePeriodSeconds * 1_000 : 0);
  return true;
}

function listRunning(cluster: Cluster): RunningPod[] {
  return podsOf(cluster).flatMap(({ metadata }) => {
    const { uid, namespace = "", name, labels = {} } = metadata;
    const run = cluster.runs.get(uid);
    return run?.process && !run.isOver ? [{ namespace, name, labels, pid: run.process.pid }] : [];
  });
}

const toBase64 = (text: string): string => Buffer.from(text).toString("base64");

/** @param token absent: whoever uses it brings their own. */
function toKubeconfig(server: string, ca: string, token: string | undefined): string {
  const [name, user] = ["local", "admin"];
  const authority = toBase64(ca);
  const config = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": name },
    clusters: [{ name, cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name, context: { cluster: name, user, namespace: "default" } }],
  };
  return JSON.stringify(config, undefined, 2);
}
