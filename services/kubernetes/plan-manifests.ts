import type { V1ConfigMap, V1Container, V1Job, V1PodSpec, V1ServiceAccount } from "@kubernetes/client-node";
import type { Manifest } from "./manifest.ts";
import { toJobId, type RunId } from "../../model/ids.ts";
import { type FunctionSettings, toWorkerEnvironment } from "../../model/settings.ts";
import {
  type Login,
  type Mounted,
  mountSecrets,
  planSecretProvider,
  type SecretProviderClass,
} from "./plan-secret-provider.ts";

/** One round of a run. */
export interface Round {
  readonly runId: RunId;
  readonly round: number;
  readonly pods: number;
  readonly login: Login;
}

/** What one round of a run needs in the cluster, in the order in which it is applied. */
export interface Manifests {
  /** Shared by all runs: the federated credential is bound to its name. */
  readonly serviceAccount: Manifest<V1ServiceAccount>;
  /** Shared by all runs that log in alike; only with KUBERNETES_SECRETS=csi. */
  readonly secretProviderClass?: SecretProviderClass;
  readonly configMap: Manifest<V1ConfigMap>;
  readonly job: Manifest<V1Job>;
}

/** The labels all of a round's objects carry, and by which its pods are found. */
function toRoundLabels({ runId, round }: Pick<Round, "runId" | "round">): Readonly<Record<string, string>> {
  return { "sqlfleet/run": runId, "sqlfleet/round": String(round) };
}

/** A worker has its own grace time to finish in; the rest is for reporting and for the container to end. */
export const toGraceSeconds = ({
  WORKER_GRACE_SECONDS,
}: Pick<FunctionSettings, "WORKER_GRACE_SECONDS">): number => WORKER_GRACE_SECONDS + 30;

/** The manifests of one round. Settings only: secrets come from the Key Vault, read or mounted. */
export function planManifests(settings: FunctionSettings, round: Round): Manifests {
  const secretProviderClass = planSecretProvider(settings, round.login, commonLabels);
  return {
    serviceAccount: planServiceAccount(settings),
    ...(secretProviderClass && { secretProviderClass }),
    configMap: planConfigMap(settings, round),
    job: planJob(settings, round, mountSecrets(secretProviderClass)),
  };
}

/** For `kubectl apply -f -`: one list, in order. */
export function toManifestList(manifests: Manifests): object {
  const { serviceAccount, secretProviderClass, configMap, job } = manifests;
  const items = [serviceAccount, ...(secretProviderClass ? [secretProviderClass] : []), configMap, job];
  return { apiVersion: "v1", kind: "List", items };
}

const commonLabels = {
  "app.kubernetes.io/name": "sqlfleet",
  "app.kubernetes.io/component": "worker",
  "app.kubernetes.io/managed-by": "sqlfleet",
};

function planServiceAccount(settings: FunctionSettings): Manifest<V1ServiceAccount> {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      name: settings.KUBERNETES_SERVICE_ACCOUNT,
      namespace: settings.KUBERNETES_NAMESPACE,
      labels: commonLabels,
      annotations: { "azure.workload.identity/client-id": settings.WORKER_IDENTITY_CLIENT_ID },
    },
    automountServiceAccountToken: false,
  };
}

function planConfigMap(settings: FunctionSettings, round: Round): Manifest<V1ConfigMap> {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: toMetadata(settings, round),
    data: toWorkerEnvironment(settings, round.runId),
  };
}

const toMetadata = (
  settings: FunctionSettings,
  round: Round,
): {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
} => ({
  name: toJobId(round.runId, round.round),
  namespace: settings.KUBERNETES_NAMESPACE,
  labels: { ...commonLabels, ...toRoundLabels(round) },
});

/**
 * Each pod is a worker that takes targets until none is left. One that fails is replaced, once for each on
 * average; one whose node is taken away (eviction, drain, spot) is replaced without being counted.
 */
function planJob(settings: FunctionSettings, round: Round, secrets: Mounted): Manifest<V1Job> {
  const metadata = toMetadata(settings, round);
  const labels = { ...metadata.labels, "azure.workload.identity/use": "true" };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata,
    spec: {
      parallelism: round.pods,
      completions: round.pods,
      backoffLimit: round.pods,
      activeDeadlineSeconds: settings.KUBERNETES_DEADLINE_SECONDS,
      ttlSecondsAfterFinished: settings.KUBERNETES_TTL_SECONDS,
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
      },
      template: { metadata: { labels }, spec: planPod(settings, round, secrets) },
    },
  };
}

function planPod(settings: FunctionSettings, round: Round, secrets: Mounted): Manifest<V1PodSpec> {
  return {
    serviceAccountName: settings.KUBERNETES_SERVICE_ACCOUNT,
    // The worker has no business with the API server; workload identity mounts a token of its own.
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    terminationGracePeriodSeconds: toGraceSeconds(settings),
    nodeSelector: { "kubernetes.io/os": "linux" },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: toRoundLabels(round) },
      },
    ],
    securityContext: { runAsNonRoot: true, runAsUser: 1_000, seccompProfile: { type: "RuntimeDefault" } },
    containers: [planContainer(settings, round, secrets)],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }, ...secrets.volumes],
  };
}

function planContainer(settings: FunctionSettings, round: Round, secrets: Mounted): Manifest<V1Container> {
  const { KUBERNETES_CPU_REQUEST, KUBERNETES_CPU_LIMIT, KUBERNETES_MEMORY: memory } = settings;
  return {
    name: "worker",
    image: settings.WORKER_IMAGE ?? "",
    command: settings.WORKER_COMMAND.split(/\s+/),
    envFrom: [{ configMapRef: { name: toJobId(round.runId, round.round) } }],
    env: [
      { name: "WORKER_ID", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "TMPDIR", value: "/tmp" },
      ...secrets.env,
    ],
    // Memory that is asked for is all there is: beyond it a pod would be evicted at a bad moment.
    resources: {
      requests: { cpu: KUBERNETES_CPU_REQUEST, memory },
      limits: { cpu: KUBERNETES_CPU_LIMIT, memory },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...secrets.volumeMounts],
  };
}
