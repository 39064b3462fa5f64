import type { FunctionSettings } from "../../model/settings.ts";
import type { V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import type { Manifest } from "./manifest.ts";

export const secretProviderGroup = {
  group: "secrets-store.csi.x-k8s.io",
  version: "v1",
  plural: "secretproviderclasses",
};

/** https://learn.microsoft.com/azure/aks/csi-secrets-store-identity-access */
export interface SecretProviderClass {
  readonly apiVersion: "secrets-store.csi.x-k8s.io/v1";
  readonly kind: "SecretProviderClass";
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly provider: "azure"; readonly parameters: Readonly<Record<string, string>> };
}

const name = "sqlfleet-secrets";

/** Where the driver mounts the secrets, one file each. */
const folder = "/mnt/sqlfleet-secrets";

/** What a worker reads; what only the Function App needs is not mounted. */
const workerSecrets = [
  "StorageAccountName",
  "StorageAccountKey",
  "ServiceBusTopicConnectionString",
  "EventHubConnectionString",
  "UserName",
  "Password",
];

export function planSecretProvider(
  settings: FunctionSettings,
  labels: Readonly<Record<string, string>>,
): SecretProviderClass | undefined {
  if (settings.KUBERNETES_SECRETS !== "csi") return undefined;
  // The driver takes a YAML text inside the text.
  const objects = workerSecrets.map((secret) => `  - |\n    objectName: ${secret}\n    objectType: secret\n`);
  return {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClass",
    metadata: { name, namespace: settings.KUBERNETES_NAMESPACE, labels },
    spec: {
      provider: "azure",
      parameters: {
        usePodIdentity: "false",
        clientID: settings.WORKER_IDENTITY_CLIENT_ID,
        keyvaultName: new URL(settings.KEY_VAULT_URL).hostname.split(".")[0] ?? "",
        tenantId: settings.AZURE_TENANT_ID ?? "",
        objects: `array:\n${objects.join("")}`,
      },
    },
  };
}

interface Mounted {
  readonly volumes: readonly Manifest<V1Volume>[];
  readonly volumeMounts: readonly Manifest<V1VolumeMount>[];
}

export function mountSecrets({ KUBERNETES_SECRETS }: Pick<FunctionSettings, "KUBERNETES_SECRETS">): Mounted {
  if (KUBERNETES_SECRETS !== "csi") return { volumes: [], volumeMounts: [] };
  const csi = {
    driver: "secrets-store.csi.k8s.io",
    readOnly: true,
    volumeAttributes: { secretProviderClass: name },
  };
  return {
    volumes: [{ name: "secrets", csi }],
    volumeMounts: [{ name: "secrets", mountPath: folder, readOnly: true }],
  };
}
