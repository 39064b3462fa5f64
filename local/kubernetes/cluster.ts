import type { Clock } from "../part.ts";
import type { Agent } from "../process/agent.ts";
import { type Condition, type Container, type KubeObject, type Pod, toTime } from "./objects.ts";
import { pods, type Resource } from "./resources.ts";
import type { Store } from "./store.ts";
import type { PodRun } from "./pods/pod-run.ts";

/** Everything the cluster knows besides its objects. */
export interface Cluster {
  readonly settings: Settings;
  readonly store: Store;
  /** `https://localhost:{port}` */
  url: string;
  /** What runs, or is about to, by the pod's uid. */
  readonly runs: Map<string, PodRun>;
  /** How the pods of each job ended, by the job's and the pod's uid: a pod that was deleted still counts. */
  readonly tallies: Map<string, Map<string, PodEnd>>;
  /** Tokens this server gave for service accounts, and until when they are good, by token. */
  readonly serviceAccountTokens: Map<string, { readonly subject: string; readonly expiresAt: number }>;
  readonly refusedImages: Set<string>;
  /** Pods that could not be made, by their job and the reason. */
  readonly refusedPods: Set<string>;
  /** Why no pod finds a node, when it is so. */
  unschedulable: string | undefined;
  /** Why no pod may be made, when it is so. */
  refusal: string | undefined;
  /** The one node's agent, once a pod needed it. */
  node: Promise<Agent> | undefined;
  stopped: boolean;
  /** Something changed: look for work. */
  wake: () => void;
}

export interface PodEnd {
  readonly result: "succeeded" | "failed";
  readonly at: number;
}

export interface Settings {
  readonly clock: Clock;
  readonly folder: string;
  readonly maximumPods: number;
  readonly retryMilliseconds: number;
  readonly command: (image: string, container: Container) => readonly string[] | undefined;
  readonly podEnvironment: (pod: PodFacts) => PodEnvironment | Promise<PodEnvironment>;
  readonly workloadIdentity: WorkloadIdentity | undefined;
  readonly secretsStore: SecretsStore | undefined;
}

/** What the Secrets Store CSI driver of a cluster needs to know. */
export interface SecretsStore {
  /** Where the vault of this name is. */
  readonly vaultUrl: (keyvaultName: string) => string;
  /** PEM: whom it trusts. */
  readonly ca: string;
}

interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
}

type PodEnvironment = Readonly<Record<string, string>>;

/** What the workload identity webhook of a cluster is set up with. */
export interface WorkloadIdentity {
  readonly tenantId: string;
  readonly authorityHost: string;
  /** A token of the cluster for `system:serviceaccount:{namespace}:{name}`. */
  readonly issueToken: (subject: string) => string;
}

export const nodeName = "local-node-1";

export const now = (cluster: Cluster): number => cluster.settings.clock.now();

/** Changes an object as it is now, if it is still there. */
export function change<Kind extends KubeObject>(
  { store }: Cluster,
  resource: Resource,
  { metadata }: Kind,
  alter: (present: Kind) => Kind,
): void {
  const present = store.get(resource, metadata.namespace, metadata.name);
  if (present?.metadata.uid === metadata.uid) store.replace(resource, alter(present as Kind));
}

export function changeStatus(cluster: Cluster, pod: Pod, status: Partial<Pod["status"]>): void {
  change(cluster, pods, pod, (present) => ({ ...present, status: { ...present.status, ...status } }));
}

/** Sets a condition; its time moves only when its status does. */
export function withCondition(
  conditions: readonly Condition[] = [],
  wanted: Omit<Condition, "lastTransitionTime">,
  at: number,
): readonly Condition[] {
  const before = conditions.find(({ type }) => type === wanted.type);
  const lastTransitionTime = before?.status === wanted.status ? before.lastTransitionTime : toTime(at);
  const condition = { ...wanted, lastProbeTime: null, lastTransitionTime };
  return [...conditions.filter(({ type }) => type !== wanted.type), condition];
}

export const hasCondition = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditions?.some((each) => each.type === type && each.status === "True") ?? false;

export const podsOf = (cluster: Cluster, namespace?: string): readonly Pod[] =>
  cluster.store.list(pods, namespace) as readonly Pod[];

export const hasEnded = ({ status }: Pod): boolean =>
  status.phase === "Succeeded" || status.phase === "Failed";
