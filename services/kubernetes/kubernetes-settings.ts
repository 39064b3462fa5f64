import type { FunctionSettings } from "../../model/settings.ts";

/** What the Function App is told about the cluster its workers run in. None of it is secret. */
export interface KubernetesSettings {
  readonly KUBERNETES_NAMESPACE: string;
  /** The workers' service account; its federated credential names it: `system:serviceaccount:{namespace}:{name}`. */
  readonly KUBERNETES_SERVICE_ACCOUNT: string;
  /**
   * kubeconfig: the file KUBECONFIG or ~/.kube/config names; in-cluster: the Function App is a pod itself; aks: a
   * token of the Function App's identity.
   */
  readonly KUBERNETES_AUTH: "kubeconfig" | "in-cluster" | "aks";
  /**
   * With aks: the cluster's name in the resource group; Azure is asked for its address and authority. Absent: the
   * next settings say them.
   */
  readonly KUBERNETES_CLUSTER?: string | undefined;
  /** With aks: `https://{name}.hcp.{region}.azmk8s.io` */
  readonly KUBERNETES_API_SERVER: string;
  /** With aks: the cluster's authority, PEM; or the same as base64, as a kubeconfig holds it. */
  readonly KUBERNETES_CA_FILE?: string | undefined;
  readonly KUBERNETES_CA_DATA?: string | undefined;
  /** Of one pod, as quantities: `500m`, `512Mi`. */
  readonly KUBERNETES_CPU_REQUEST: string;
  readonly KUBERNETES_CPU_LIMIT: string;
  readonly KUBERNETES_MEMORY: string;
  /** How long the pods of one round may run. */
  readonly KUBERNETES_DEADLINE_SECONDS: number;
  /** How long a finished job is kept when nobody deletes it. */
  readonly KUBERNETES_TTL_SECONDS: number;
  /** How long pods may wait for a node; longer than the cluster takes to add one. */
  readonly KUBERNETES_PENDING_SECONDS: number;
  /** vault: the worker reads the vault; csi: the Secrets Store CSI driver mounts what it holds besides. */
  readonly KUBERNETES_SECRETS: "vault" | "csi";
  /** With csi: the tenant of the vault. */
  readonly AZURE_TENANT_ID?: string | undefined;
}

/** All a manifest is made from. */
export type ManifestSettings = FunctionSettings & KubernetesSettings;

/** What the settings are when nothing is said. */
export const kubernetesDefaults = {
  KUBERNETES_NAMESPACE: "sqlfleet",
  KUBERNETES_SERVICE_ACCOUNT: "sqlfleet-worker",
  KUBERNETES_AUTH: "aks",
  KUBERNETES_API_SERVER: "",
  KUBERNETES_CPU_REQUEST: "250m",
  KUBERNETES_CPU_LIMIT: "1",
  KUBERNETES_MEMORY: "512Mi",
  KUBERNETES_DEADLINE_SECONDS: 86_400,
  KUBERNETES_TTL_SECONDS: 3_600,
  KUBERNETES_PENDING_SECONDS: 600,
  KUBERNETES_SECRETS: "vault",
} as const satisfies KubernetesSettings;
