import type { FunctionSettings } from "../../model/settings.ts";
import type { TokenCredential } from "@azure/core-auth";
import { type Cluster, KubeConfig } from "@kubernetes/client-node";
import { Failure, type FailureCode } from "../../model/failures.ts";

const managementScope = "https://management.azure.com/.default";
const apiVersion = "2025-01-01";

/**
 * Asks Azure where an AKS cluster's API server is and which authority it is trusted by; takes the role Azure
 * Kubernetes Service Cluster User. Of the kubeconfig that comes, the user's part is left: who we are is proven by
 * our own tokens.
 * https://learn.microsoft.com/rest/api/aks/managed-clusters/list-cluster-user-credentials
 */
export async function readCluster(settings: FunctionSettings, credential: TokenCredential): Promise<Cluster> {
  const {
    AZURE_RESOURCE_MANAGER_URL: origin,
    AZURE_SUBSCRIPTION_ID: subscription,
    AZURE_RESOURCE_GROUP: group,
    KUBERNETES_CLUSTER: name = "",
  } = settings;
  const cluster = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`;
  const token = await credential.getToken(managementScope);
  const response = await fetch(
    `${origin}${cluster}/listClusterUserCredential?api-version=${apiVersion}&format=exec`,
    { method: "POST", headers: { authorization: `Bearer ${token?.token ?? ""}` } },
  );
  const body = (await response.json().catch(() => ({}))) as CredentialAnswer;
  const [kubeconfig] = body.kubeconfigs ?? [];
  if (!response.ok || !kubeconfig) throw toFailure(response.status, name, body);
  const config = new KubeConfig();
  config.loadFromString(Buffer.from(kubeconfig.value, "base64").toString());
  const found = config.getCurrentCluster();
  if (!found) throw new Failure("ComputeFailed", `The credentials of the cluster ${name} name no cluster.`);
  return found;
}

interface CredentialAnswer {
  readonly kubeconfigs?: readonly { readonly value: string }[];
  readonly error?: { readonly code?: string; readonly message?: string };
}

const codes: Readonly<Record<number, FailureCode>> = { 403: "RoleMissing", 404: "ComputeFailed" };

/** A cluster that is not there does not come by asking again; a role may still be on its way. */
function toFailure(status: number, name: string, { error }: CredentialAnswer): Failure {
  const code = codes[status] ?? "ServiceUnavailable";
  const text = `${error?.code ?? `HTTP ${status}`}: ${error?.message ?? ""}`;
  return new Failure(code, `Kubernetes: no credentials for the cluster ${name}: ${text}`);
}
