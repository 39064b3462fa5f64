import { randomBytes, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AcceptToken, Right } from "./amqp/tokens.ts";
import { startBatch, type RunningBatch } from "./batch/server.ts";
import { createLocalCertificates } from "./certificates.ts";
import { startEventHubs, type RunningEventHubs } from "./event-hubs/server.ts";
import { startIdentity, type RunningIdentity } from "./identity/server.ts";
import { startKeyVault, type RunningKeyVault } from "./key-vault/server.ts";
import { startKubernetes, type RunningKubernetes } from "./kubernetes/server.ts";
import { toNodeEnvironment, toPodEnvironment } from "./node-environment.ts";
import { systemClock, type RunningPart } from "./part.ts";
import { startServiceBus, type RunningServiceBus } from "./service-bus/server.ts";
import { startDatabases, type DatabasesOptions } from "./sql-server/databases.ts";
import type { Databases } from "./sql-server/tenant-databases.ts";
import { startStorage, type RunningStorage, type StorageOptions } from "./storage/azurite.ts";
import type { WebFault } from "./web-server.ts";

/** Trouble put in front of parts that cannot be told to make it themselves. */
export interface Trouble {
  readonly keyVault: WebFault;
  readonly blobFront: NonNullable<StorageOptions["blobFront"]>;
}

export interface PartsOptions extends Omit<DatabasesOptions, "tls" | "tokens"> {
  /** Root of the app: host.json, functions/, worker/. */
  readonly root: string;
  /** Everything the stack writes. */
  readonly folder: string;
  readonly trouble?: Trouble;
  /** No key and no connection string is used anywhere: every service is opened by identity. */
  readonly identityOnly?: boolean;
  /** Nodes prove who they are with it instead of their managed identity. */
  readonly workerCertificate?: WorkerCertificate;
}

/** A certificate of the workers' identity, laid out as Batch does. */
export interface WorkerCertificate {
  /** Holds `sha1-{thumbprint}.pfx` and `.pfx.pw`. */
  readonly folder: string;
  readonly thumbprint: string;
  /** PEM, registered with the identity. */
  readonly crt: string;
}

/** The parts that run, for wiring one to another. */
export interface Parts {
  readonly identityOnly: boolean;
  readonly workerCertificate: WorkerCertificate | undefined;
  readonly root: string;
  readonly caFile: string;
  readonly topic: string;
  readonly hub: string;
  readonly identities: Identities;
  readonly identity: RunningIdentity;
  readonly keyVault: RunningKeyVault;
  readonly storage: RunningStorage;
  readonly serviceBus: RunningServiceBus;
  readonly eventHubs: RunningEventHubs;
  readonly batch: RunningBatch;
  readonly kubernetes: RunningKubernetes;
  readonly databases: Databases;
  /** What the Function App's and the worker's managed identities find in their environment. */
  readonly functionAppIdentity: Readonly<Record<string, string>>;
  readonly workerIdentity: Readonly<Record<string, string>>;
}

interface Identities {
  readonly functionApp: LocalIdentityFacts;
  readonly worker: LocalIdentityFacts;
}

interface LocalIdentityFacts {
  readonly name: string;
  readonly clientId: string;
  readonly principalId: string;
  readonly resourceId: string;
}

const [topic, hub] = ["sqlfleet", "sqlfleet"];
/** Of the cluster, for the workers. */
const namespace = "sqlfleet";

/** Starts every part but the Functions host. What runs is stopped by `undo`, in reverse order. */
export async function startParts(options: PartsOptions, undo: AsyncDisposableStack): Promise<Parts> {
  const { root, folder } = options;
  const own = <Part extends RunningPart>(part: Part): Part => {
    undo.defer(() => part.stop());
    return part;
  };
  const { ca, key, cert } = await createLocalCertificates();
  const tls = { key, cert };
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, ca);

  const identities = { functionApp: createIdentity("function-app"), worker: createIdentity("worker") };
  const worker = {
    ...identities.worker,
    federatedSubjects: [`system:serviceaccount:${namespace}:sqlfleet-worker`],
    certificates: options.workerCertificate ? [options.workerCertificate.crt] : [],
  };
  const identity = own(await startIdentity({ identities: [identities.functionApp, worker], tls }));
  const keyVault = own(await startVault(identity, identities, tls, options.trouble));
  const [storage, databases, serviceBus, eventHubs] = await Promise.all([
    startAzurite(options, tls).then(own),
    startSql(options, identity, identities.worker, tls).then(own),
    startMessaging(identity, identities, tls).then(own),
    startEvents(identity, identities, tls).then(own),
  ]);
  const batch = own(await startAccount(options, identity, identities, tls));
  const kubernetes = own(await startCluster(options, identity, identities, { ...tls, ca }));
  return {
    identityOnly: options.identityOnly ?? false,
    workerCertificate: options.workerCertificate,
    ...{
      root,
      caFile,
      topic,
      hub,
      identities,
      identity,
      keyVault,
      storage,
      serviceBus,
      eventHubs,
      batch,
      kubernetes,
      databases,
    },
    ...(await openHosts(identity, identities)),
  };
}

interface Tls {
  readonly key: string;
  readonly cert: string;
}

function startVault(
  { authorityHost, tenantId, verifyToken }: RunningIdentity,
  { functionApp, worker }: Identities,
  tls: Tls,
  trouble: Trouble | undefined,
): Promise<RunningKeyVault> {
  const access = [
    { clientId: functionApp.clientId, permissions: "readWrite" as const },
    { clientId: worker.clientId, permissions: "read" as const },
  ];
  const authority = `${authorityHost}/${tenantId}`;
  return startKeyVault({
    ...{ tls, verifyToken, access, authority },
    ...(trouble && { fault: trouble.keyVault }),
  });
}

function startAccount(
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
function startCluster(
  { folder, root }: PartsOptions,
  identity: RunningIdentity,
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
    // The worker's image, as far as this machine is concerned.
    command: () => [process.execPath, join(root, "worker", "main.ts")],
    podEnvironment: () => toPodEnvironment(join(folder, "ca.pem")),
  });
}

/** Entra users of the databases: the workers' identity. */
function startSql(
  options: PartsOptions,
  { trust }: RunningIdentity,
  { clientId, name }: LocalIdentityFacts,
  tls: Tls,
): Promise<Databases> {
  const folder = join(options.folder, "sql");
  return startDatabases({ ...options, folder, tls, tokens: { trust, users: { [clientId]: name } } });
}

function startAzurite({ folder, onFailure, trouble }: PartsOptions, tls: Tls): Promise<RunningStorage> {
  const onUnexpectedExit = (reason: string): void => {
    onFailure(`Azurite ended: ${reason}`);
  };
  return startStorage({
    ...{ folder: join(folder, "azurite"), tls, oauth: true, onUnexpectedExit },
    ...(trouble && { blobFront: trouble.blobFront }),
  });
}

function startMessaging(
  identity: RunningIdentity,
  identities: Identities,
  tls: Tls,
): Promise<RunningServiceBus> {
  return startServiceBus({
    tls,
    topics: [{ name: topic, requiresDuplicateDetection: true }],
    sharedAccessKey: randomBytes(32).toString("base64"),
    clock: systemClock,
    acceptToken: toAcceptToken(identity, "https://servicebus.azure.net", [
      // Azure Service Bus Data Owner: it makes subscriptions. Data Receiver: it may not.
      [identities.functionApp, ["manage", "send", "listen"]],
      [identities.worker, ["listen"]],
    ]),
  });
}

function startEvents(identity: RunningIdentity, identities: Identities, tls: Tls): Promise<RunningEventHubs> {
  return startEventHubs({
    tls,
    hubs: [{ name: hub, partitions: 4 }],
    sharedAccessKey: randomBytes(32).toString("base64"),
    clock: systemClock,
    acceptToken: toAcceptToken(identity, "https://eventhubs.azure.net", [
      // Azure Event Hubs Data Receiver and Data Sender.
      [identities.functionApp, ["listen"]],
      [identities.worker, ["send"]],
    ]),
  });
}

/** Role assignments: who is unknown here is refused, whoever signed the token. */
function toAcceptToken(
  { verifyToken }: RunningIdentity,
  audience: string,
  roles: readonly (readonly [LocalIdentityFacts, readonly Right[]])[],
): AcceptToken {
  return (jwt) => {
    const claims = verifyToken(jwt, { audience });
    return roles.find(([{ clientId }]) => clientId === claims?.appid)?.[1] ?? false;
  };
}

/** The managed identity endpoints of the Function App, and of a node for whoever wants to be one. */
async function openHosts(
  identity: RunningIdentity,
  { functionApp, worker }: Identities,
): Promise<Pick<Parts, "functionAppIdentity" | "workerIdentity">> {
  const appHost = await identity.openHost({ identities: [functionApp.clientId], form: "app-service" });
  const nodeHost = await identity.openHost({ identities: [worker.clientId], form: "virtual-machine" });
  return {
    functionAppIdentity: { ...appHost.env, AZURE_CLIENT_ID: functionApp.clientId },
    workerIdentity: { ...nodeHost.env, AZURE_CLIENT_ID: worker.clientId },
  };
}

function createIdentity(name: string): LocalIdentityFacts {
  return {
    name,
    clientId: randomUUID(),
    principalId: randomUUID(),
    resourceId: `/subscriptions/local/resourceGroups/local/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
  };
}
