import { existsSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { WorkloadIdentityCredential } from "@azure/identity";
import { KubeConfig, CoreV1Api, Log } from "@kubernetes/client-node";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isAlive } from "../is-alive.ts";
import {
  type LocalKubernetes,
  patience,
  shellJob,
  startJob,
  startLocalKubernetes,
} from "./local-kubernetes.ts";

const namespace = "jobs";
let local: LocalKubernetes;
beforeAll(async () => {
  local = await startLocalKubernetes();
  await local.core.createNamespacedServiceAccount({ namespace, body: workerAccount() });
});
afterAll(() => local.stop());

const workerAccount = (): object => ({
  metadata: {
    name: "worker",
    annotations: { "azure.workload.identity/client-id": local.worker.clientId },
  },
});

const processOf = (name: string) =>
  vi.waitFor(() => {
    const found = local.kubernetes.running().find((pod) => pod.name === name);
    expect(found).toBeDefined();
    return found!;
  }, patience);

const runningPod = async (job: Awaited<ReturnType<typeof startJob>>) => {
  const [pod] = await job.pods(([first]) => {
    expect(first?.status?.phase).toBe("Running");
  });
  const { pid } = await processOf(pod!.metadata!.name!);
  return { name: pod!.metadata!.name!, namespace, pid };
};

const logOf = (name: string, more: object = {}) =>
  local.core.readNamespacedPodLog({ namespace, name, ...more });
describe("a pod's process", () => {
  test("gets SIGTERM and time to finish; SIGKILL when it takes longer", async () => {
    const polite = await startJob(
      local,
      shellJob("trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"),
    );
    const { name, pid } = await runningPod(polite);
    const followed = new PassThrough();
    const text = buffer(followed);
    await new Log(local.config).log(namespace, name, "main", followed, { follow: true });
    await local.core.deleteNamespacedPod({ namespace, name });
    expect((await text).toString()).toMatch(/bye\n$/);
    await vi.waitFor(() => {
      expect(isAlive(pid)).toBe(false);
    }, patience);

    const rude = await startJob(local, shellJob("trap '' TERM; while :; do sleep 0.05; done"));
    const { name: other, pid: otherPid } = await runningPod(rude);
    await local.core.deleteNamespacedPod({ namespace, name: other, gracePeriodSeconds: 1 });
    const { metadata } = await local.core.readNamespacedPod({ namespace, name: other });
    expect(metadata).toMatchObject({ deletionGracePeriodSeconds: 1, deletionTimestamp: expect.any(Date) });
    expect(isAlive(otherPid)).toBe(true);
    await vi.waitFor(() => {
      expect(isAlive(otherPid)).toBe(false);
    }, patience);
    for (const job of [polite, rude]) {
      await local.batch.deleteNamespacedJob({ namespace, name: job.name, propagationPolicy: "Background" });
    }
  });

  test("has what its manifest and the stack give it, and nothing of this process", async () => {
    vi.stubEnv("ONLY_OF_THE_STACK", "secret");
    const name = "facts";
    await local.core.createNamespacedConfigMap({
      namespace,
      ...asBody({ metadata: { name }, data: { MAP: "m", file: "f" } }),
    });
    await local.core.createNamespacedSecret({
      namespace,
      ...asBody({ metadata: { name }, stringData: { SECRET: "s" } }),
    });
    const container = {
      envFrom: [{ configMapRef: { name } }, { secretRef: { name }, prefix: "MY_" }],
      env: [
        { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        { name: "KEY", valueFrom: { configMapKeyRef: { name, key: "MAP" } } },
        { name: "BOTH", value: "$(POD) in $(KEY), $$(KEY)" },
        { name: "FILE", value: "/etc/facts/file" },
      ],
      volumeMounts: [{ name: "facts", mountPath: "/etc/facts" }],
    };
    const volumes = [{ name: "facts", configMap: { name } }];
    const job = await startJob(
      local,
      shellJob('env; echo "content=$(cat $FILE)"', {}, { volumes }, container),
    );
    await job.until("Complete");
    const [pod] = await job.pods((pods) => {
      expect(pods).toHaveLength(1);
    });
    const podName = pod!.metadata!.name!;
    const log = await logOf(podName);
    for (const line of [
      "MAP=m",
      "MY_SECRET=s",
      `POD=${podName}`,
      "KEY=m",
      `BOTH=${podName} in m, $(KEY)`,
      "content=f",
    ]) {
      expect(log.split("\n")).toContain(line);
    }
    expect(log).not.toContain("ONLY_OF_THE_STACK");
    expect(await logOf(podName, { tailLines: 1 })).toBe("content=f\n");
  });

  test("of a pod that asks for it finds a token, which the directory takes for its identity", async () => {
    const labels = { "azure.workload.identity/use": "true" };
    const body = shellJob("env; exec sleep 600", {}, { serviceAccountName: "worker" }) as {
      spec: { template: { metadata?: object } };
    };
    body.spec.template.metadata = { labels };
    const job = await startJob(local, body);
    const { name } = await runningPod(job);
    const log = await vi.waitFor(async () => {
      const text = await logOf(name);
      expect(text).toContain("AZURE_CLIENT_ID");
      return text;
    }, patience);
    const env = Object.fromEntries(log.split("\n").map((line) => line.split("=") as [string, string]));
    expect(env["AZURE_CLIENT_ID"]).toBe(local.worker.clientId);
    const credential = new WorkloadIdentityCredential({
      clientId: env["AZURE_CLIENT_ID"]!,
      tenantId: env["AZURE_TENANT_ID"]!,
      tokenFilePath: env["AZURE_FEDERATED_TOKEN_FILE"]!,
      authorityHost: env["AZURE_AUTHORITY_HOST"]!,
      disableInstanceDiscovery: true,
    });
    const audience = "https://vault.azure.net";
    const { token } = await credential.getToken(`${audience}/.default`);
    expect(local.identity.verifyToken(token, { audience })).toMatchObject({ appid: local.worker.clientId });
    const file = env["AZURE_FEDERATED_TOKEN_FILE"]!;
    await local.batch.deleteNamespacedJob({ namespace, name: job.name, propagationPolicy: "Foreground" });
    await vi.waitFor(() => {
      expect(existsSync(file)).toBe(false);
    }, patience);
  });

  test("is started again in its pod when the policy says so", async () => {
    const script = "if [ -e again ]; then echo second; else touch again; echo first; exit 1; fi";
    const job = await startJob(local, shellJob(script, {}, { restartPolicy: "OnFailure" }));
    await job.until("Complete");
    const [pod] = await job.pods((pods) => {
      expect(pods).toHaveLength(1);
    });
    expect(pod?.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 1 } },
      state: { terminated: { exitCode: 0, reason: "Completed" } },
    });
    expect(await logOf(pod!.metadata!.name!)).toBe("second\n");
    expect(await logOf(pod!.metadata!.name!, { previous: true })).toBe("first\n");
  });
});

test("a namespace takes everything in it along", async () => {
  const name = "short-lived";
  await local.core.createNamespace({ ...asBody({ metadata: { name } }) });
  const { metadata } = await local.batch.createNamespacedJob({
    namespace: name,
    body: shellJob("exec sleep 600"),
  });
  const { pid } = await vi.waitFor(() => {
    const found = local.kubernetes.running().find((pod) => pod.namespace === name);
    expect(found?.labels["job-name"]).toBe(metadata?.name);
    return found!;
  }, patience);
  await local.core.deleteNamespace({ name });
  await vi.waitFor(async () => {
    await expect(local.core.readNamespace({ name })).rejects.toMatchObject({ code: 404 });
  }, patience);
  await vi.waitFor(() => {
    expect(isAlive(pid)).toBe(false);
  }, patience);
});

test("a pod's own token opens what its account may, and nothing else", async () => {
  const own = await startLocalKubernetes({
    access: [{ serviceAccount: "system:serviceaccount:jobs:default", namespaces: ["jobs"] }],
  });
  const volumes = [{ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }];
  const mount = {
    env: [{ name: "FILE", value: "/t/token" }],
    volumeMounts: [{ name: "token", mountPath: "/t" }],
  };
  const job = await startJob(own, shellJob("cat $FILE", {}, { volumes }, mount));
  await job.until("Complete");
  const [pod] = await job.pods(() => undefined);
  const token = await own.core.readNamespacedPodLog({ namespace, name: pod!.metadata!.name! });
  const config = new KubeConfig();
  const cluster = { name: "c", server: own.kubernetes.url, skipTLSVerify: false };
  config.loadFromClusterAndUser(cluster, { name: "pod", token });
  const core = config.makeApiClient(CoreV1Api);
  expect((await core.listNamespacedPod({ namespace })).items).toHaveLength(1);
  await expect(core.listNamespacedPod({ namespace: "default" })).rejects.toMatchObject({ code: 403 });
  await own.stop();
});

/** The client's models are classes; what is sent is plain data. */
const asBody = (body: object) => ({ body });
