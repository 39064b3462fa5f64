import type { FunctionSettings } from "../../model/settings.ts";
import type { OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";
import type { TokenCredential } from "@azure/core-auth";
import {
  BatchV1Api,
  type Cluster,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type User,
} from "@kubernetes/client-node";
import { readCluster } from "./read-cluster.ts";

export interface Clients {
  readonly core: CoreV1Api;
  readonly batch: BatchV1Api;
  readonly custom: CustomObjectsApi;
  /** For what the generated clients do not do. */
  readonly config: KubeConfig;
}

/** Of the application that every AKS cluster with Entra ID is. */
const aksScope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

/**
 * Clients of the cluster the settings name. Azure is asked where it is, if it has to be; the cluster is not yet.
 * @param root of the file system in which a pod finds its service account's token.
 */
export async function connect(
  settings: FunctionSettings,
  credential: TokenCredential,
  root = "",
): Promise<Clients> {
  const config = new KubeConfig();
  switch (settings.KUBERNETES_AUTH) {
    case "kubeconfig":
      config.loadFromDefault();
      break;
    case "in-cluster":
      config.loadFromCluster(root);
      break;
    case "aks":
      loadAks(config, await findCluster(settings, credential), credential);
      break;
  }
  return {
    core: config.makeApiClient(CoreV1Api),
    batch: config.makeApiClient(BatchV1Api),
    custom: config.makeApiClient(CustomObjectsApi),
    config,
  };
}

function findCluster(settings: FunctionSettings, credential: TokenCredential): Cluster | Promise<Cluster> {
  if (settings.KUBERNETES_CLUSTER) return readCluster(settings, credential);
  const { KUBERNETES_API_SERVER: server, KUBERNETES_CA_FILE: caFile, KUBERNETES_CA_DATA: caData } = settings;
  const authority = { ...(caFile && { caFile }), ...(caData && { caData }) };
  return { name: "aks", server, skipTLSVerify: false, ...authority };
}

function loadAks(config: KubeConfig, cluster: Cluster, credential: TokenCredential): void {
  const user: User = { name: "function-app" };
  config.loadFromClusterAndUser(cluster, user);
  config.addAuthenticator({
    isAuthProvider: ({ name }) => name === user.name,
    // Asked for each call: the credential keeps the token until it runs out.
    applyAuthentication: async (_user: User, options: RequestOptions) => {
      const token = await credential.getToken(aksScope);
      if (!token) throw new Error("the credential gave no token for Kubernetes");
      const headers = options.headers as OutgoingHttpHeaders | undefined;
      options.headers = { ...headers, Authorization: `Bearer ${token.token}` };
    },
  });
}
