import { z } from "zod";

const seconds = (standard: number): z.ZodType<number> => z.coerce.number().int().min(1).default(standard);

/** What the Function App is told about the cluster its workers run in. None of it is secret. */
export const kubernetesSettings = {
  KUBERNETES_NAMESPACE: z.string().default("sqlfleet"),
  /** The workers' service account; its federated credential names it: `system:serviceaccount:{namespace}:{name}`. */
  KUBERNETES_SERVICE_ACCOUNT: z.string().default("sqlfleet-worker"),
  /**
   * kubeconfig: the file KUBECONFIG or ~/.kube/config names; in-cluster: the Function App is a pod itself; aks: a
   * token of the Function App's identity.
   */
  KUBERNETES_AUTH: z.enum(["kubeconfig", "in-cluster", "aks"]).default("aks"),
  /**
   * With aks: the cluster's name in the resource group; Azure is asked for its address and authority. Absent: the
   * next settings say them.
   */
  KUBERNETES_CLUSTER: z.string().optional(),
  /** With aks: `https://{name}.hcp.{region}.azmk8s.io` */
  KUBERNETES_API_SERVER: z.string().default(""),
  /** With aks: the cluster's authority, PEM; or the same as base64, as a kubeconfig holds it. */
  KUBERNETES_CA_FILE: z.string().optional(),
  KUBERNETES_CA_DATA: z.string().optional(),
  /** Of one pod, as quantities: `500m`, `512Mi`. */
  KUBERNETES_CPU_REQUEST: z.string().default("250m"),
  KUBERNETES_CPU_LIMIT: z.string().default("1"),
  KUBERNETES_MEMORY: z.string().default("512Mi"),
  /** How long the pods of one round may run. */
  KUBERNETES_DEADLINE_SECONDS: seconds(86_400),
  /** How long a finished job is kept when nobody deletes it. */
  KUBERNETES_TTL_SECONDS: seconds(3_600),
  /** How long pods may wait for a node; longer than the cluster takes to add one. */
  KUBERNETES_PENDING_SECONDS: seconds(600),
  /**
   * vault: the worker reads the vault; csi: it reads what the Secrets Store CSI driver mounted, which asks the vault as
   * the worker's identity and needs AZURE_TENANT_ID.
   */
  KUBERNETES_SECRETS: z.enum(["vault", "csi"]).default("vault"),
};

/** Refuses settings with which no pod would ever start. */
export function checkKubernetesSettings(
  settings: { readonly KUBERNETES_SECRETS: string; readonly AZURE_TENANT_ID?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (settings.KUBERNETES_SECRETS !== "csi" || settings.AZURE_TENANT_ID) return;
  const message = "is the vault's tenant, which the driver of KUBERNETES_SECRETS=csi asks for";
  context.addIssue({ code: "custom", path: ["AZURE_TENANT_ID"], message });
}
