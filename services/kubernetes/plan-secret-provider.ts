import type { V1EnvVar, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import type { RunPlan } from "../../model/run-document.ts";
import type { SecretName } from "../../model/secrets.ts";
import type { FunctionSettings } from "../../model/settings.ts";
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

/** Where the driver mounts the secrets, one file each. */
const folder = "/mnt/sqlfleet-secrets";

/** How a run's workers log in to the databases. */
export type Login = RunPlan["auth"]["kind"];

/**
 * What a worker of such a run reads, and nothing else: the driver mounts all or none, so a secret that the fleet
 * does without would keep every pod from starting.
 */
function listSecrets(settings: FunctionSettings, login: Login): readonly SecretName[] {
  const { STORAGE_ACCOUNT_NAME, SERVICE_BUS_NAMESPACE, EVENT_HUBS_NAMESPACE } = settings;
  return [
    ...(STORAGE_ACCOUNT_NAME ? [] : (["StorageAccountName", "StorageAccountKey"] as const)),
    ...(SERVICE_BUS_NAMESPACE ? [] : (["ServiceBusTopicConnectionString"] as const)),
    ...(EVENT_HUBS_NAMESPACE ? [] : (["EventHubConnectionString"] as const)),
    ...(login === "Password" ? (["UserName", "Password"] as const) : []),
  ];
}

/** Runs that log in in the same way share it. */
const toName = (login: Login): string =>
  login === "Password" ? "sqlfleet-secrets" : "sqlfleet-secrets-without-login";

/** undefined: nothing is mounted, because workers ask the vault themselves or need no secret. */
export function planSecretProvider(
  settings: FunctionSettings,
  login: Login,
  labels: Readonly<Record<string, string>>,
): SecretProviderClass | undefined {
  const secrets = listSecrets(settings, login);
  if (settings.KUBERNETES_SECRETS !== "csi" || secrets.length === 0) return undefined;
  // The driver takes a YAML text inside the text.
  const objects = secrets.map((secret) => `  - |\n    objectName: ${secret}\n    objectType: secret\n`);
  return {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClass",
    metadata: { name: toName(login), namespace: settings.KUBERNETES_NAMESPACE, labels },
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

/** What a pod has of mounted secrets. */
export interface Mounted {
  readonly volumes: readonly Manifest<V1Volume>[];
  readonly volumeMounts: readonly Manifest<V1VolumeMount>[];
  readonly env: readonly Manifest<V1EnvVar>[];
}

/** What makes a pod a reader of that provider's secrets. */
export function mountSecrets(provider: SecretProviderClass | undefined): Mounted {
  if (!provider) return { volumes: [], volumeMounts: [], env: [] };
  const csi = {
    driver: "secrets-store.csi.k8s.io",
    readOnly: true,
    volumeAttributes: { secretProviderClass: provider.metadata.name },
  };
  return {
    volumes: [{ name: "secrets", csi }],
    volumeMounts: [{ name: "secrets", mountPath: folder, readOnly: true }],
    env: [{ name: "SECRETS_FOLDER", value: folder }],
  };
}
