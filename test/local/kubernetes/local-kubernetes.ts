import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TokenCredential } from "@azure/core-auth";
import { ClientSecretCredential } from "@azure/identity";
import { BatchV1Api, CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { expect, vi } from "vitest";
import { type LocalIdentity, type RunningIdentity, startIdentity } from "../../../local/identity/server.ts";
import {
  type KubernetesOptions,
  type RunningKubernetes,
  startKubernetes,
} from "../../../local/kubernetes/server.ts";
import type { LocalCertificates } from "../../../local/certificates.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

/** A cluster with the namespace `jobs`, two identities and the clients the tests use. */
export interface LocalKubernetes {
  readonly kubernetes: RunningKubernetes;
  readonly identity: RunningIdentity;
  /** May do everything in `jobs`. */
  readonly operator: LocalIdentity;
  /** May do nothing in the cluster; pods of the account jobs/worker may act as it. */
  readonly worker: LocalIdentity;
  readonly ca: string;
  /** Of the cluster and whoever else it is to trust. */
  readonly tls: LocalCertificates;
  /** The administrator's. */
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly batch: BatchV1Api;
  readonly custom: CustomObjectsApi;
  /** Where pods keep volumes and logs, by name. */
  readonly podsFolder: string;
  /** For `kubectl --kubeconfig`. */
  readonly kubeconfigFile: string;
  credential(who?: LocalIdentity): TokenCredential;
  stop(): Promise<void>;
}

export const patience = { timeout: 8_000, interval: 20 };

/** Overrides how the cluster is started. */
export interface LocalOptions extends Partial<KubernetesOptions> {
  /** Which service accounts may act as the worker. Default jobs/worker. */
  readonly federatedSubjects?: readonly string[];
}

export async function startLocalKubernetes(options: LocalOptions = {}): Promise<LocalKubernetes> {
  const { federatedSubjects = ["system:serviceaccount:jobs:worker"], ...more } = options;
  const operator = newIdentity("operator");
  const worker = newIdentity("worker", federatedSubjects);
  const folder = await mkdtemp(join(tmpdir(), "kubernetes-"));
  const tls = await createTrustedCertificates();
  const identity = await startIdentity({ identities: [operator, worker], tls });
  const kubernetes = await startKubernetes({
    tls,
    folder: join(folder, "pods"),
    verifyToken: identity.verifyToken,
    access: [{ clientId: operator.clientId, namespaces: ["jobs"] }],
    namespaces: ["jobs"],
    podEnvironment: () => ({ PATH: "/usr/bin:/bin" }),
    workloadIdentity: {
      tenantId: identity.tenantId,
      authorityHost: identity.authorityHost,
      issueToken: identity.issueFederatedToken,
    },
    retryMilliseconds: 20,
    ...more,
  });
  const kubeconfigFile = join(folder, "kubeconfig");
  await writeFile(kubeconfigFile, kubernetes.kubeconfig);
  const config = new KubeConfig();
  config.loadFromString(kubernetes.kubeconfig);
  return {
    ...{ kubernetes, identity, operator, worker, tls, ca: tls.ca, config, kubeconfigFile },
    podsFolder: join(folder, "pods"),
    core: config.makeApiClient(CoreV1Api),
    batch: config.makeApiClient(BatchV1Api),
    custom: config.makeApiClient(CustomObjectsApi),
    credential: ({ clientId } = operator) =>
      new ClientSecretCredential(identity.tenantId, clientId, "proof", {
        authorityHost: identity.authorityHost,
        disableInstanceDiscovery: true,
      }),
    stop: async () => {
      await kubernetes.stop();
      await identity.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function newIdentity(name: string, federatedSubjects: readonly string[] = []): LocalIdentity {
  const group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity";
  const resourceId = `${group}/userAssignedIdentities/${name}`;
  return {
    ...{ name, clientId: randomUUID(), principalId: randomUUID(), resourceId, secret: "proof" },
    federatedSubjects,
  };
}

/** A Job that runs one shell command in each pod. */
export function shellJob(
  script: string,
  spec: object = {},
  pod: object = {},
  container: object = {},
): object {
  return {
    metadata: { name: `job-${randomUUID().slice(0, 8)}` },
    spec: {
      ...spec,
      template: {
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 2,
          containers: [{ name: "main", image: "shell", command: ["sh", "-c", script], ...container }],
          ...pod,
        },
      },
    },
  };
}

export interface StartedJob {
  readonly name: string;
  /** Waits until the job's pods satisfy what `check` expects of them. */
  pods(
    check: (pods: Awaited<ReturnType<CoreV1Api["listNamespacedPod"]>>["items"]) => void | Promise<void>,
  ): Promise<Awaited<ReturnType<CoreV1Api["listNamespacedPod"]>>["items"]>;
  /** Waits for the condition. */
  until(condition: string): Promise<Awaited<ReturnType<BatchV1Api["readNamespacedJob"]>>>;
}

export async function startJob({ core, batch }: LocalKubernetes, body: object): Promise<StartedJob> {
  const namespace = "jobs";
  const { metadata } = await batch.createNamespacedJob({ namespace, body });
  const name = metadata!.name!;
  return {
    name,
    pods: (check) =>
      vi.waitFor(async () => {
        const { items } = await core.listNamespacedPod({ namespace, labelSelector: `job-name=${name}` });
        await check(items);
        return items;
      }, patience),
    until: (condition) =>
      vi.waitFor(async () => {
        const job = await batch.readNamespacedJob({ name, namespace });
        expect(job.status?.conditions?.map(({ type }) => type)).toContain(condition);
        return job;
      }, patience),
  };
}
