import { join } from "node:path";
import { startBatch, type RunningBatch } from "../batch/server.ts";
import type { RunningIdentity } from "../identity/server.ts";
import type { RunningKeyVault } from "../key-vault/server.ts";
import { startKubernetes, type RunningKubernetes } from "../kubernetes/server.ts";
import { toNodeEnvironment, toPodEnvironment } from "../node-environment.ts";
import type { Identities } from "./identities.ts";
import type { PartsOptions, Tls } from "./options.ts";

/** Of the cluster, for the workers. */
export const namespace = "sqlfleet";

export function startAccount(
  { folder, workerCertificate }: PartsOptions,
  identity: RunningIdentity,
  { functionApp }: Identities,
  tls: Tls,
): Promise<RunningBatch> {
  const certificates = workerCertificate?.folder;
  return startBatch({
    ...{ tls, verifyToken: identity.verifyToken },
    access: [{ clientId: functionApp.clientId, planes: ["management", "data"] }],
    folder: join(folder, "batch"),
    nodeEnvironment: (node) =>
      toNodeEnvironment({ identity, caFile: join(folder, "ca.pem"), certificates }, node),
  });
}

/** Pods trust what nodes trust; who they are they learn from the service account's token. */
export function startCluster(
  { folder, root }: PartsOptions,
  { identity, keyVault }: { readonly identity: RunningIdentity; readonly keyVault: RunningKeyVault },
  { functionApp }: Identities,
  tls: Tls & { readonly ca: string },
): Promise<RunningKubernetes> {
  const { tenantId, authorityHost, issueFederatedToken, verifyToken } = identity;
  return startKubernetes({
    ...{ tls, verifyToken },
    access: [{ clientId: functionApp.clientId, namespaces: [namespace] }],
    namespaces: [namespace],
    folder: join(folder, "kubernetes"),
    workloadIdentity: { tenantId, authorityHost, issueToken: issueFederatedToken },
    vaultUrl: () => keyVault.url,
    // The worker's image, as far as this machine is concerned.
    command: () => [process.execPath, join(root, "worker", "main.ts")],
    podEnvironment: () => toPodEnvironment(join(folder, "ca.pem")),
  });
}
