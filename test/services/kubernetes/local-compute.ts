import { FunctionSettings, parseSettings } from "../../../model/settings.ts";
import type { LocalKubernetes } from "../../local/kubernetes/local-kubernetes.ts";

/** Settings as a deployment would have them. */
export const sampleSettings = (other: Partial<FunctionSettings> = {}): FunctionSettings => ({
  ...parseSettings(FunctionSettings, {
    KEY_VAULT_URL: "https://fleet.vault.azure.net",
    AZURE_SUBSCRIPTION_ID: "s",
    AZURE_RESOURCE_GROUP: "g",
    WORKER_IMAGE: "registry.example/sqlfleet/worker:1",
    WORKER_COMMAND: "sleep 600",
    WORKER_IDENTITY_CLIENT_ID: "6d1c1a0e-1111-4222-8333-444455556666",
    WORKER_GRACE_SECONDS: "1",
  }),
  KUBERNETES_NAMESPACE: "jobs",
  ...other,
});

/** Settings of a Function App whose cluster is this one. */
export const settingsFor = (
  { kubernetes, ca }: LocalKubernetes,
  other: Partial<FunctionSettings> = {},
): FunctionSettings =>
  sampleSettings({
    KUBERNETES_API_SERVER: kubernetes.url,
    KUBERNETES_CA_DATA: Buffer.from(ca).toString("base64"),
    ...other,
  });
