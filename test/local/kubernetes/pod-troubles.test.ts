import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
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
});
afterAll(() => local.stop());

const runningPod = async (job: Awaited<ReturnType<typeof startJob>>) => {
  const [pod] = await job.pods(([first]) => {
    expect(first?.status?.phase).toBe("Running");
  });
  return { name: pod!.metadata!.name!, namespace };
};

const eventsOf = async (name: string) => {
  const { items } = await local.core.listNamespacedEvent({
    ...{ namespace, fieldSelector: `involvedObject.name=${name}` },
  });
  return items.map(({ reason }) => reason);
};

describe("a pod in trouble", () => {
  test("waits for an image that cannot be pulled, and starts when it can", async () => {
    local.kubernetes.refuseImage("shell");
    const job = await startJob(local, shellJob("true"));
    const [pod] = await job.pods(([first]) => {
      expect(first?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe("ImagePullBackOff");
    });
    expect(pod?.status?.phase).toBe("Pending");
    expect(await eventsOf(pod!.metadata!.name!)).toEqual(expect.arrayContaining(["Failed", "BackOff"]));
    await expect(
      local.core.readNamespacedPodLog({ namespace, name: pod!.metadata!.name! }),
    ).rejects.toMatchObject({ code: 400 });
    local.kubernetes.refuseImage("shell", false);
    await job.until("Complete");
  });

  test("waits for a node", async () => {
    local.kubernetes.failScheduling("0/1 nodes are available: 1 Insufficient memory.");
    const job = await startJob(local, shellJob("true"));
    await job.pods(([pod]) => {
      expect(pod?.status?.conditions).toContainEqual(
        expect.objectContaining({ type: "PodScheduled", status: "False", reason: "Unschedulable" }),
      );
    });
    local.kubernetes.failScheduling(undefined);
    await job.until("Complete");
  });

  test("waits for settings that are not there yet", async () => {
    const container = { envFrom: [{ configMapRef: { name: "comes-later" } }] };
    const job = await startJob(local, shellJob("true", {}, {}, container));
    await job.pods(([pod]) => {
      expect(pod?.status?.containerStatuses?.[0]?.state?.waiting).toEqual({
        reason: "CreateContainerConfigError",
        message: 'configmap "comes-later" not found',
      });
    });
    await local.core.createNamespacedConfigMap({
      namespace,
      ...asBody({ metadata: { name: "comes-later" } }),
    });
    await job.until("Complete");
  });

  test("is killed when it needs too much memory", async () => {
    const job = await startJob(local, shellJob("exec sleep 600", { backoffLimit: 0 }));
    expect(local.kubernetes.exhaustMemory(await runningPod(job))).toBe(true);
    await job.until("Failed");
    await job.pods(([pod]) => {
      expect(pod?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
        exitCode: 137,
        reason: "OOMKilled",
      });
    });
  });

  test("is evicted, and replaced without being counted where the job says so", async () => {
    const podFailurePolicy = {
      rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }],
    };
    const job = await startJob(local, shellJob("exec sleep 600", { backoffLimit: 0, podFailurePolicy }));
    const first = await runningPod(job);
    local.kubernetes.evict(first, "The node was low on resource: memory.");
    const pods = await job.pods((all) => {
      expect(all.map(({ status }) => status?.phase).sort()).toEqual(["Failed", "Running"]);
    });
    const evicted = pods.find(({ metadata }) => metadata?.name === first.name);
    expect(evicted?.status).toMatchObject({ reason: "Evicted", message: expect.stringContaining("memory") });
    await local.batch.deleteNamespacedJob({ namespace, name: job.name, propagationPolicy: "Background" });
  });

  test("is evicted by the API, and says so for as long as it is there", async () => {
    const job = await startJob(local, shellJob("trap '' TERM; sleep 600 & wait; wait"));
    const pod = await runningPod(job);
    const body = asBody({ metadata: pod });
    await local.core.createNamespacedPodEviction({ ...pod, ...body });
    const { status, metadata } = await local.core.readNamespacedPod(pod);
    expect(metadata?.deletionTimestamp).toBeInstanceOf(Date);
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: "DisruptionTarget", reason: "EvictionByEvictionAPI" }),
    );
    await local.batch.deleteNamespacedJob({ namespace, name: job.name, propagationPolicy: "Background" });
  });

  test("is not made while a quota is used up", async () => {
    local.kubernetes.refusePods("exceeded quota: pods, requested: pods=1, used: pods=4, limited: pods=4");
    const job = await startJob(local, shellJob("true"));
    await vi.waitFor(async () => {
      expect(await eventsOf(job.name)).toEqual(["FailedCreate"]);
    }, patience);
    local.kubernetes.refusePods(undefined);
    await job.until("Complete");
  });

  test("waits for a volume whose driver is not installed", async () => {
    const csi = { driver: "secrets-store.csi.k8s.io", volumeAttributes: { secretProviderClass: "none" } };
    const job = await startJob(local, shellJob("true", {}, { volumes: [{ name: "secrets", csi }] }));
    await job.pods(async ([pod]) => {
      expect(await eventsOf(pod?.metadata?.name ?? "")).toContain("FailedMount");
      expect(pod?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe("ContainerCreating");
    });
    await local.batch.deleteNamespacedJob({ namespace, name: job.name, propagationPolicy: "Background" });
    await job.pods((all) => {
      expect(all).toEqual([]);
    });
  });

  test("is not made when its service account is not there", async () => {
    const job = await startJob(local, shellJob("true", {}, { serviceAccountName: "nobody" }));
    await vi.waitFor(async () => {
      const { items } = await local.core.listNamespacedEvent({
        ...{ namespace, fieldSelector: `involvedObject.name=${job.name},reason=FailedCreate` },
      });
      expect(items[0]?.message).toContain('serviceaccount "nobody" not found');
    }, patience);
    await local.core.createNamespacedServiceAccount({
      namespace,
      ...asBody({ metadata: { name: "nobody" } }),
    });
    await job.until("Complete");
  });
});

/** The client's models are classes; what is sent is plain data. */
const asBody = (body: object) => ({ body });
