import type { OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";
import type { TokenCredential } from "@azure/core-auth";
import { BatchV1Api, CoreV1Api, CustomObjectsApi, KubeConfig, type User } from "@kubernetes/client-node";
import type { KubernetesSettings } from "./kubernetes-settings.ts";

export interface Clients {
  readonly core: CoreV1Api;
  readonly batch: BatchV1Api;
  readonly custom: CustomObjectsApi;
}

/** Of the application that every AKS cluster with Entra ID is. */
const aksScope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

/**
 * Clients of the cluster the settings name. Nothing is sent yet.
 * @param root of the file system in which a pod finds its service account's token.
 */
export function connect(settings: KubernetesSettings, credential: TokenCredential, root = ""): Clients {
  const config = toConfig(settings, credential, root);
  return {
    core: config.makeApiClient(CoreV1Api),
    batch: config.makeApiClient(BatchV1Api),
    custom: config.makeApiClient(CustomObjectsApi),
  };
}

function toConfig(settings: KubernetesSettings, credential: TokenCredential, root: string): KubeConfig {
  const config = new KubeConfig();
  switch (settings.KUBERNETES_AUTH) {
    case "kubeconfig":
      config.loadFromDefault();
      break;
    case "in-cluster":
      config.loadFromCluster(root);
      break;
    case "aks":
      loadAks(config, settings, credential);
      break;
  }
  return config;
}

function loadAks(config: KubeConfig, settings: KubernetesSettings, credential: TokenCredential): void {
  const { KUBERNETES_API_SERVER: server, KUBERNETES_CA_FILE: caFile, KUBERNETES_CA_DATA: caData } = settings;
  const user: User = { name: "function-app" };
  const authority = { ...(caFile && { caFile }), ...(caData && { caData }) };
  config.loadFromClusterAndUser({ name: "aks", server, skipTLSVerify: false, ...authority }, user);
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
