import type { VerifyToken } from "../identity/verify.ts";
import { bearerToken, jsonResponse, type WebRequest, type WebResponse } from "../web-server.ts";
import type { KubernetesAccess } from "./authentication.ts";

/** What Azure says of the cluster: the one call of its management plane that a client needs. */
export interface ManagedCluster {
  readonly verifyToken: VerifyToken;
  readonly access: readonly KubernetesAccess[];
  readonly clusterName: string;
  /** Without a user's secret. */
  readonly kubeconfig: () => string;
}

const path =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]+)\/listClusterUserCredential$/i;

/** undefined: the request is not for the management plane. */
export function answerManagement(cluster: ManagedCluster, request: WebRequest): WebResponse | undefined {
  const name = path.exec(request.url.pathname)?.[1];
  if (name === undefined || request.method !== "POST") return undefined;
  const audience = ["https://management.azure.com", "https://management.core.windows.net"];
  const claims = cluster.verifyToken(bearerToken(request) ?? "", { audience });
  if (!claims) return refuse(401, "InvalidAuthenticationToken", "The access token is not valid.");
  // Whoever has a role in the cluster may find it, here.
  if (!cluster.access.some((each) => "clientId" in each && each.clientId === claims.appid)) {
    return refuse(403, "AuthorizationFailed", `The client '${claims.appid}' has no role that allows this.`);
  }
  if (name !== cluster.clusterName) {
    return refuse(404, "ResourceNotFound", `The Resource 'managedClusters/${name}' was not found.`);
  }
  const value = Buffer.from(cluster.kubeconfig()).toString("base64");
  return jsonResponse(200, { kubeconfigs: [{ name: "clusterUser", value }] });
}

const refuse = (status: number, code: string, message: string): WebResponse =>
  jsonResponse(status, { error: { code, message } });
