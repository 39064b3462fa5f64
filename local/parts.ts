import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunningBatch } from "./batch/server.ts";
import { createLocalCertificates } from "./certificates.ts";
import type { RunningEventHubs } from "./event-hubs/server.ts";
import { startIdentity, type RunningIdentity } from "./identity/server.ts";
import type { RunningKeyVault } from "./key-vault/server.ts";
import type { RunningKubernetes } from "./kubernetes/server.ts";
import type { RunningPart } from "./part.ts";
import { namespace, startAccount, startCluster } from "./parts/compute.ts";
import { createIdentity, type HostIdentities, type Identities, openHosts } from "./parts/identities.ts";
import { hub, startEvents, startMessaging, topic } from "./parts/messaging.ts";
import type { PartsOptions, WorkerCertificate } from "./parts/options.ts";
import { startAzurite, startSql, startVault } from "./parts/stores.ts";
import type { RunningServiceBus } from "./service-bus/server.ts";
import type { Databases } from "./sql-server/tenant-databases.ts";
import type { RunningStorage } from "./storage/azurite.ts";

/** The parts that run, for wiring one to another. */
export interface Parts extends HostIdentities {
  readonly identityOnly: boolean;
  readonly workerCertificate: WorkerCertificate | undefined;
  readonly root: string;
  readonly caFile: string;
  readonly topic: string;
  readonly hub: string;
  readonly identities: Identities;
  readonly identity: RunningIdentity;
  readonly keyVault: RunningKeyVault;
  /** Tokens of pipelines that wait: the workers have no role on it. */
  readonly callbackVault: RunningKeyVault;
  readonly storage: RunningStorage;
  readonly serviceBus: RunningServiceBus;
  readonly eventHubs: RunningEventHubs;
  readonly batch: RunningBatch;
  readonly kubernetes: RunningKubernetes;
  readonly databases: Databases;
}

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
  const callbackVault = own(await startVault(identity, { functionApp: identities.functionApp }, tls));
  const [storage, databases, serviceBus, eventHubs] = await Promise.all([
    startAzurite(options, identity, identities, tls).then(own),
    startSql(options, identity, identities.worker, tls).then(own),
    startMessaging(identity, identities, tls).then(own),
    startEvents(identity, identities, tls).then(own),
  ]);
  const batch = own(await startAccount(options, identity, identities, tls));
  const kubernetes = own(await startCluster(options, { identity, keyVault }, identities, { ...tls, ca }));
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
      callbackVault,
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
