import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AcceptToken, Right } from "../../local/amqp/tokens.ts";
import { type RunningBatch, startBatch } from "../../local/batch/server.ts";
import { type LocalIdentity, type RunningIdentity, startIdentity } from "../../local/identity/server.ts";
import { type RunningKeyVault, startKeyVault } from "../../local/key-vault/server.ts";
import { systemClock } from "../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../local/service-bus/server.ts";
import { type RunningStorage, startStorage } from "../../local/storage/azurite.ts";
import type { StorageFront } from "../../local/storage/front/front.ts";
import { FunctionSettings, parseSettings } from "../../model/settings.ts";
import { createServices } from "../../services/create-services.ts";
import type { Services } from "../../services/services.ts";
import { createTrustedCertificates } from "../local/trusted-certificates.ts";

/** Which stand-ins a test file needs besides the vault and the identity, which all do. */
interface Wanted {
  readonly storage?: boolean;
  /** Between the services and the storage. */
  readonly storageFronts?: readonly StorageFront[];
  readonly serviceBus?: boolean;
  readonly batch?: boolean;
}

export interface StandIns {
  readonly settings: FunctionSettings;
  /** Further settings with which every service is opened by identity. */
  readonly byIdentity: Partial<FunctionSettings>;
  /** Replaces what the process's identity may do in the Service Bus namespace; everything at first. */
  assignServiceBus(rights: readonly Right[]): void;
  /** A further set of services over the same stand-ins: another process of the Function App, so to speak. */
  newServices(other?: Partial<FunctionSettings>): Services;
  readonly vault: RunningKeyVault;
  /** Whom the process logs in as. */
  readonly functionApp: LocalIdentity;
  /** Every secret that was stored, by value: none of them may turn up anywhere else. */
  readonly secretValues: readonly string[];
  /** @throws when it was not asked for. */
  batch(): RunningBatch;
  /** @throws when it was not asked for. */
  serviceBus(): RunningServiceBus;
  stop(): Promise<void>;
}

type Tls = Awaited<ReturnType<typeof createTrustedCertificates>>;

/**
 * The product's services over real sockets: its own SDK clients, logged in by managed identity, with their
 * secrets in the vault. The process's environment is changed for the identity, so this is for one file's tests.
 */
export async function startStandIns(wanted: Wanted = {}): Promise<StandIns> {
  await using undo = new AsyncDisposableStack();
  const own = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    undo.defer(() => part.stop());
    return part;
  };
  const tls = await createTrustedCertificates();
  const functionApp = createIdentity("function-app");
  const identity = own(await startIdentity({ identities: [functionApp], tls }));
  await becomeIdentity(identity, functionApp);
  const vault = own(await openVault(tls, identity, functionApp));
  let rights: readonly Right[] = ["manage", "send", "listen"];
  const acceptToken: AcceptToken = (jwt) =>
    identity.verifyToken(jwt, { audience: "https://servicebus.azure.net" }) ? rights : false;
  const [storage, serviceBus, batch] = await Promise.all([
    wanted.storage
      ? startStorage({ tls, oauth: true, fronts: wanted.storageFronts ?? [] }).then(own)
      : undefined,
    wanted.serviceBus ? openServiceBus(tls, acceptToken).then(own) : undefined,
    wanted.batch ? openBatch(tls, identity, functionApp).then(own) : undefined,
  ]);

  const settings = parseSettings(FunctionSettings, {
    AZURE_CLIENT_ID: functionApp.clientId,
    KEY_VAULT_URL: vault.url,
    KEY_VAULT_VERIFY_CHALLENGE: "false",
    ...(storage && { STORAGE_BLOB_URL: storage.endpoints.blob, STORAGE_TABLE_URL: storage.endpoints.table }),
    ...(batch && toBatchSettings(batch)),
  });
  const newServices = (other: Partial<FunctionSettings> = {}): Services =>
    createServices({ ...settings, ...other });
  const secretValues = await storeSecrets(newServices(), { storage, serviceBus, batch });
  const everything = undo.move();
  return {
    settings,
    byIdentity: {
      BATCH_LOGIN: "identity",
      ...(storage && { STORAGE_ACCOUNT_NAME: storage.accountName }),
      ...(serviceBus && { SERVICE_BUS_NAMESPACE: serviceBus.address }),
    },
    assignServiceBus: (next) => {
      rights = next;
    },
    newServices,
    vault,
    functionApp,
    secretValues,
    batch: () => present(batch),
    serviceBus: () => present(serviceBus),
    stop: () => everything.disposeAsync(),
  };
}

function present<Part>(part: Part | undefined): Part {
  if (!part) throw new Error("The file did not ask for this stand-in.");
  return part;
}

function createIdentity(name: string): LocalIdentity {
  return {
    name,
    clientId: randomUUID(),
    principalId: randomUUID(),
    resourceId: `/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
  };
}

async function becomeIdentity(identity: RunningIdentity, { clientId }: LocalIdentity): Promise<void> {
  const host = await identity.openHost({ identities: [clientId], form: "app-service" });
  Object.assign(process.env, host.env, { AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential" });
}

function openVault(
  tls: Tls,
  identity: RunningIdentity,
  { clientId }: LocalIdentity,
): Promise<RunningKeyVault> {
  return startKeyVault({
    tls,
    verifyToken: identity.verifyToken,
    access: [{ clientId, permissions: "readWrite" }],
    authority: `${identity.authorityHost}/${identity.tenantId}`,
  });
}

function openServiceBus(tls: Tls, acceptToken: AcceptToken): Promise<RunningServiceBus> {
  return startServiceBus({
    tls,
    topics: [{ name: "sqlfleet", requiresDuplicateDetection: true }],
    sharedAccessKey: randomBytes(32).toString("base64"),
    clock: systemClock,
    acceptToken,
  });
}

async function openBatch(
  tls: Tls,
  identity: RunningIdentity,
  { clientId }: LocalIdentity,
): Promise<RunningBatch> {
  const folder = await mkdtemp(join(tmpdir(), "sqlfleet-batch-"));
  const batch = await startBatch({
    tls,
    folder,
    verifyToken: identity.verifyToken,
    access: [{ clientId, planes: ["management", "data"] }],
    graceMilliseconds: 500,
    maximumNodes: 200,
    nodeEnvironment: () => ({ env: { PATH: "/usr/bin:/bin" } }),
  });
  return {
    ...batch,
    stop: async () => {
      await batch.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function toBatchSettings(batch: RunningBatch): Readonly<Record<string, string>> {
  return {
    AZURE_SUBSCRIPTION_ID: "s",
    AZURE_RESOURCE_GROUP: "g",
    AZURE_RESOURCE_MANAGER_URL: batch.url,
    BATCH_ACCOUNT_NAME: batch.accountName,
    BATCH_ACCOUNT_URL: batch.url,
    WORKER_IDENTITY_ID: createIdentity("worker").resourceId,
    WORKER_IDENTITY_CLIENT_ID: randomUUID(),
    WORKER_COMMAND: "sleep 600",
  };
}

async function storeSecrets(
  { secrets }: Services,
  parts: {
    readonly storage: RunningStorage | undefined;
    readonly serviceBus: RunningServiceBus | undefined;
    readonly batch: RunningBatch | undefined;
  },
): Promise<readonly string[]> {
  const { storage, serviceBus, batch } = parts;
  if (storage) await secrets.write("StorageAccountName", storage.accountName);
  const values = [
    storage && (["StorageAccountKey", storage.accountKey] as const),
    serviceBus && (["ServiceBusTopicConnectionString", serviceBus.connectionString] as const),
    batch && (["BatchAccountKey", batch.accountKey] as const),
  ].filter((each) => each !== undefined);
  for (const [name, value] of values) await secrets.write(name, value);
  return values.map(([, value]) => value);
}
