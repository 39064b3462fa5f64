import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchManagementClient, type Pool } from "@azure/arm-batch";
import { BatchServiceClient, BatchSharedKeyCredentials } from "@azure/batch";
import type { TokenCredential } from "@azure/core-auth";
import { ClientSecretCredential } from "@azure/identity";
import { expect, vi } from "vitest";
import {
  type BatchOptions,
  type RunningBatch,
  startBatch,
  type TaskStart,
} from "../../../local/batch/server.ts";
import { type LocalIdentity, startIdentity } from "../../../local/identity/server.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

/** A Batch account with two identities and the clients the tests use. */
export interface LocalBatch {
  readonly batch: RunningBatch;
  /** May use both planes. */
  readonly operator: LocalIdentity;
  /** Sits on the pools; may use neither plane. */
  readonly worker: LocalIdentity;
  management(who?: LocalIdentity): BatchManagementClient;
  byKey(key?: string, accountName?: string): BatchServiceClient;
  byToken(who: LocalIdentity, scope?: string): BatchServiceClient;
  pool(nodes: number, more?: object): Pool;
  newPool(nodes: number, more?: object): Promise<string>;
  dropPool(id: string): Promise<void>;
  /** A job with one task; the job's id. */
  addTask(poolId: string, commandLine: string): Promise<string>;
  /** The process of the job's task, once there is one. */
  processOf(job: string): Promise<TaskStart>;
  stop(): Promise<void>;
}

const patience = { timeout: 8_000, interval: 20 };

/** @param more overrides how the account is started. */
export async function startLocalBatch(more: Partial<BatchOptions> = {}): Promise<LocalBatch> {
  const [operator, worker] = [newIdentity("operator"), newIdentity("worker")];
  const folder = await mkdtemp(join(tmpdir(), "batch-"));
  const tls = await createTrustedCertificates();
  const identity = await startIdentity({ identities: [operator, worker], tls });
  const batch = await startBatch({
    tls,
    folder,
    verifyToken: identity.verifyToken,
    access: [
      { clientId: operator.clientId, planes: ["management", "data"] },
      { clientId: worker.clientId, planes: [] },
    ],
    graceMilliseconds: 300,
    nodeEnvironment: ({ nodeId, identities }) => ({
      env: { PATH: "/usr/bin:/bin", NODE_FACTS: `${nodeId} ${identities.join()}` },
    }),
    ...more,
  });
  const credential = ({ clientId }: LocalIdentity): TokenCredential =>
    new ClientSecretCredential(identity.tenantId, clientId, "proof", {
      authorityHost: identity.authorityHost,
      disableInstanceDiscovery: true,
    });
  const management = (who = operator): BatchManagementClient =>
    new BatchManagementClient(credential(who), "s", { endpoint: batch.url, retryOptions: { maxRetries: 0 } });
  const byKey = (key = batch.accountKey, name = batch.accountName): BatchServiceClient =>
    new BatchServiceClient(new BatchSharedKeyCredentials(name, key), batch.url, { noRetryPolicy: true });
  const pool = (nodes: number, given: object = {}): Pool => ({ ...toPool(worker, nodes), ...given });
  return {
    ...{ batch, operator, worker, management, byKey, pool },
    byToken: (who, scope = "https://batch.core.windows.net//.default") =>
      new BatchServiceClient(toSigner(credential(who), scope), batch.url, { noRetryPolicy: true }),
    newPool: async (nodes, given) => {
      const id = `pool-${randomUUID()}`;
      await management().poolOperations.create("g", batch.accountName, id, pool(nodes, given));
      return id;
    },
    dropPool: async (id) => {
      await management().poolOperations.beginDeleteAndWait("g", batch.accountName, id, {
        updateIntervalInMs: 10,
      });
    },
    addTask: async (poolId, commandLine) => {
      const id = `job-${randomUUID()}`;
      await byKey().job.add({ id, poolInfo: { poolId } });
      await byKey().task.add(id, { id: "task", commandLine });
      return id;
    },
    processOf: (job) =>
      vi.waitFor(() => {
        const found = batch.running().find(({ jobId }) => jobId === job);
        expect(found).toBeDefined();
        return found!;
      }, patience),
    stop: async () => {
      await batch.stop();
      await identity.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function newIdentity(name: string): LocalIdentity {
  const group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity";
  const resourceId = `${group}/userAssignedIdentities/${name}`;
  return { name, clientId: randomUUID(), principalId: randomUUID(), resourceId, secret: "proof" };
}

function toPool(worker: LocalIdentity, targetDedicatedNodes: number): Pool {
  return {
    identity: { type: "UserAssigned", userAssignedIdentities: { [worker.resourceId]: {} } },
    vmSize: "STANDARD_D2S_V3",
    deploymentConfiguration: {
      virtualMachineConfiguration: {
        imageReference: { publisher: "canonical", offer: "ubuntu", sku: "22_04" },
        nodeAgentSkuId: "batch.node.ubuntu 22.04",
      },
    },
    scaleSettings: { fixedScale: { targetDedicatedNodes } },
  };
}

/** Given a TokenCredential the library asks for a token for Azure Resource Manager; Batch wants one of its own. */
function toSigner(
  credential: TokenCredential,
  scope: string,
): ConstructorParameters<typeof BatchServiceClient>[0] {
  return {
    signRequest: async (request) => {
      const token = await credential.getToken(scope);
      request.headers.set("authorization", `Bearer ${token?.token ?? ""}`);
      return request;
    },
  };
}
