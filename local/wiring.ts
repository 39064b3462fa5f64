import { join } from "node:path";
import { toProcessEnvironment } from "./node-environment.ts";
import type { Parts } from "./parts.ts";
import type { WorkerCertificate } from "./parts/options.ts";
import type { StackFile } from "./stack-file.ts";

const subscription = "11111111-1111-1111-1111-111111111111";
const resourceGroup = "local";

/** The app settings: what the portal would hold, with the stack's addresses. At most the host's storage is secret. */
export function toFunctionSettings(parts: Parts): Readonly<Record<string, string>> {
  const { storage, eventHubs, batch, identities } = parts;
  return {
    ...toProcessEnvironment(parts.caFile),
    ...parts.functionAppIdentity,
    ...(parts.identityOnly ? toIdentityOnly(parts) : { AzureWebJobsStorage: storage.connectionString }),
    EventHubConnection__fullyQualifiedNamespace: eventHubs.address,
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: "209715200",
    KEY_VAULT_URL: parts.keyVault.url,
    CALLBACK_KEY_VAULT_URL: parts.callbackVault.url,
    KEY_VAULT_VERIFY_CHALLENGE: "false",
    STORAGE_BLOB_URL: storage.endpoints.blob,
    STORAGE_TABLE_URL: storage.endpoints.table,
    SERVICE_BUS_TOPIC: parts.topic,
    EVENT_HUB: parts.hub,
    AZURE_SUBSCRIPTION_ID: subscription,
    AZURE_RESOURCE_GROUP: resourceGroup,
    AZURE_RESOURCE_MANAGER_URL: batch.url,
    BATCH_ACCOUNT_NAME: batch.accountName,
    BATCH_ACCOUNT_URL: batch.url,
    // Only KUBERNETES_SECRETS=csi asks for it.
    AZURE_TENANT_ID: parts.identity.tenantId,
    KUBERNETES_API_SERVER: parts.kubernetes.url,
    KUBERNETES_CA_FILE: parts.caFile,
    WORKER_IMAGE: "registry.localhost/sqlfleet-worker:local",
    WORKER_COMMAND: `${process.execPath} ${join(parts.root, "worker", "main.ts")}`,
    WORKER_IDENTITY_ID: identities.worker.resourceId,
    WORKER_IDENTITY_CLIENT_ID: identities.worker.clientId,
    ...(parts.workerCertificate && toWorkerCertificate(parts, parts.workerCertificate)),
    SQL_SERVER_ALLOW_LIST: "localhost",
  };
}

/** Entra's list of clouds does not know the local authority. */
function toWorkerCertificate(
  { identity }: Parts,
  { thumbprint }: WorkerCertificate,
): Readonly<Record<string, string>> {
  return {
    WORKER_IDENTITY: "certificate",
    WORKER_CERTIFICATE_THUMBPRINT: thumbprint,
    AZURE_AUTHORITY_HOST: identity.authorityHost,
    AZURE_DISABLE_INSTANCE_DISCOVERY: "true",
  };
}

/** What takes the place of secrets: names. The identity is the app's own. */
function toIdentityOnly(parts: Parts): Readonly<Record<string, string>> {
  const { storage, serviceBus, eventHubs } = parts;
  return {
    AzureWebJobsStorage__blobServiceUri: storage.endpoints.blob,
    AzureWebJobsStorage__queueServiceUri: storage.endpoints.queue,
    AzureWebJobsStorage__tableServiceUri: storage.endpoints.table,
    STORAGE_ACCOUNT_NAME: storage.accountName,
    SERVICE_BUS_NAMESPACE: serviceBus.address,
    EVENT_HUBS_NAMESPACE: eventHubs.address,
    BATCH_LOGIN: "identity",
  };
}

export function toStackFile(
  parts: Parts,
  host: { readonly api: string; readonly master: string; readonly function: string },
): StackFile {
  const { storage, serviceBus, eventHubs, batch, identity, databases } = parts;
  const { user, password } = databases.login;
  return {
    api: host.api,
    functionKey: host.function,
    masterKey: host.master,
    keyVault: parts.keyVault.url,
    callbackVault: parts.callbackVault.url,
    ca: parts.caFile,
    storage: {
      account: storage.accountName,
      key: storage.accountKey,
      ...storage.endpoints,
      connectionString: storage.innerConnectionString,
    },
    serviceBus: {
      connectionString: serviceBus.connectionString,
      namespace: serviceBus.address,
      topic: parts.topic,
    },
    eventHubs: { connectionString: eventHubs.connectionString, namespace: eventHubs.address, hub: parts.hub },
    kubernetes: { url: parts.kubernetes.url, kubeconfig: parts.kubernetes.kubeconfig },
    batch: { url: batch.url, account: batch.accountName, key: batch.accountKey, subscription, resourceGroup },
    identity: {
      authorityHost: identity.authorityHost,
      tenantId: identity.tenantId,
      functionApp: parts.functionAppIdentity,
      worker: parts.workerIdentity,
    },
    sql: databases.servers.map((server) => ({ ...server, user, password, databases: [...server.databases] })),
    identityOnly: parts.identityOnly,
    secrets: parts.identityOnly ? {} : toSecrets(parts),
  };
}

function toSecrets({ storage, serviceBus, eventHubs, batch, databases }: Parts): StackFile["secrets"] {
  const { user, password } = databases.login;
  return {
    StorageAccountName: storage.accountName,
    StorageAccountKey: storage.accountKey,
    EventHubConnectionString: eventHubs.connectionString,
    ServiceBusTopicConnectionString: serviceBus.connectionString,
    BatchAccountKey: batch.accountKey,
    UserName: user,
    Password: password,
  };
}
