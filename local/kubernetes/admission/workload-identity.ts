import type { WorkloadIdentity } from "../cluster.ts";
import type { Container, KubeObject, Pod } from "../objects.ts";

const volume = "azure-identity-token";
const folder = "/var/run/secrets/azure/tokens";

/**
 * What the mutating webhook of Azure workload identity adds to a pod that asks for it: a token of the cluster as
 * a file, and where to exchange it. It leaves alone what a container sets itself.
 * https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
 */
export function injectIdentity(
  identity: WorkloadIdentity | undefined,
  pod: Pod,
  serviceAccount: KubeObject | undefined,
): Pod {
  const wanted = pod.metadata.labels?.["azure.workload.identity/use"] === "true";
  const isDone = pod.spec.volumes?.some(({ name }) => name === volume) ?? false;
  if (!identity || !wanted || isDone) return pod;
  const variables = toVariables(identity, serviceAccount?.metadata.annotations ?? {});
  const token = {
    serviceAccountToken: { path: volume, audience: "api://AzureADTokenExchange", expirationSeconds: 3_600 },
  };
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: pod.spec.containers.map((container) => injectInto(container, variables)),
      volumes: [...(pod.spec.volumes ?? []), { name: volume, projected: { sources: [token] } }],
    },
  };
}

const toVariables = (
  { tenantId, authorityHost }: WorkloadIdentity,
  annotations: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  AZURE_CLIENT_ID: annotations["azure.workload.identity/client-id"] ?? "",
  AZURE_TENANT_ID: annotations["azure.workload.identity/tenant-id"] ?? tenantId,
  AZURE_FEDERATED_TOKEN_FILE: `${folder}/${volume}`,
  AZURE_AUTHORITY_HOST: authorityHost,
});

function injectInto(container: Container, variables: Readonly<Record<string, string>>): Container {
  const own = new Set(container.env?.map(({ name }) => name));
  const added = Object.entries(variables).filter(([name, value]) => !own.has(name) && value !== "");
  return {
    ...container,
    env: [...(container.env ?? []), ...added.map(([name, value]) => ({ name, value }))],
    volumeMounts: [...(container.volumeMounts ?? []), { name: volume, mountPath: folder }],
  };
}
