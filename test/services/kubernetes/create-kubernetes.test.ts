import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ComputeHandle } from "../../../model/activities.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import { createKubernetes } from "../../../services/kubernetes/create-kubernetes.ts";
import type { FunctionSettings } from "../../../model/settings.ts";
import type { Compute } from "../../../services/services.ts";
import { type LocalKubernetes, startLocalKubernetes } from "../../local/kubernetes/local-kubernetes.ts";
import { newRunId, sampleRun } from "../../support/sample-run.ts";
import { describeCompute, untilState } from "../contract/ports/compute.ts";
import { settingsFor } from "./local-compute.ts";

let local: LocalKubernetes;
beforeAll(async () => {
  local = await startLocalKubernetes();
});
afterAll(() => local.stop());

const image = "registry.example/sqlfleet/worker:1";
/** Long after anything was to be waited for. */
const later = () => new Date(Date.now() + 3_600_000);
const open = (other: Partial<FunctionSettings> = {}, now?: () => Date): Compute =>
  createKubernetes(local.credential(), settingsFor(local, other), now);

const planFor = (pods: number): RunPlan => ({
  ...sampleRun(newRunId(), 1).plan,
  compute: { kind: "kubernetes", pods },
});

const workersOf = ({ jobId }: ComputeHandle) =>
  local.kubernetes.running().filter(({ labels }) => labels["job-name"] === jobId);

const untilFailed = (compute: Compute, handle: ComputeHandle, message: RegExp) =>
  vi.waitFor(
    async () => {
      await expect(compute.state(handle)).rejects.toMatchObject({
        code: "ComputeFailed",
        message: expect.stringMatching(message),
      });
    },
    { timeout: 8_000, interval: 50 },
  );

describeCompute("Kubernetes", { open, toPlan: planFor, countWorkers: (handle) => workersOf(handle).length });

describe("a round's objects", () => {
  test("are the job, its settings and the shared account; what the round made is gone after it", async () => {
    const [compute, runId] = [open(), newRunId()];
    const { jobId: name } = await compute.launch(runId, planFor(1), 1);
    const namespace = "jobs";
    const job = await local.batch.readNamespacedJob({ name, namespace });
    const settings = await local.core.readNamespacedConfigMap({ name, namespace });
    expect(settings.data).toMatchObject({ RUN_ID: runId, KEY_VAULT_URL: "https://fleet.vault.azure.net" });
    expect(settings.metadata?.ownerReferences).toMatchObject([{ kind: "Job", uid: job.metadata?.uid }]);
    await compute.launch(runId, planFor(1), 1);
    const again = await local.core.readNamespacedConfigMap({ name, namespace });
    expect(again.metadata?.ownerReferences).toMatchObject([{ uid: job.metadata?.uid }]);
    expect((await local.batch.readNamespacedJob({ name, namespace })).metadata?.generation).toBe(1);
    await compute.release(runId, 1);
    await expect(local.core.readNamespacedConfigMap({ name, namespace })).rejects.toMatchObject({
      code: 404,
    });
    const account = await local.core.readNamespacedServiceAccount({ name: "sqlfleet-worker", namespace });
    expect(account.metadata?.annotations).toHaveProperty(["azure.workload.identity/client-id"]);
  });

  test("include the provider of secrets when the driver is to mount them", async () => {
    const settings = { KUBERNETES_SECRETS: "csi" as const, AZURE_TENANT_ID: "tenant" };
    const [compute, runId] = [open(settings), newRunId()];
    await compute.launch(runId, planFor(1), 1);
    const found: unknown = await local.custom.getNamespacedCustomObject({
      ...{ group: "secrets-store.csi.x-k8s.io", version: "v1", plural: "secretproviderclasses" },
      ...{ namespace: "jobs", name: "sqlfleet-secrets" },
    });
    expect(found).toMatchObject({ spec: { provider: "azure", parameters: { keyvaultName: "fleet" } } });
    await compute.release(runId, 1);
  });
});

describe("workers", () => {
  test("that end by themselves leave an ended job, well or badly", async () => {
    for (const WORKER_COMMAND of ["true", "false"]) {
      const [compute, runId] = [open({ WORKER_COMMAND }), newRunId()];
      await untilState(compute, await compute.launch(runId, planFor(2), 1), "ended");
      await compute.release(runId, 1);
    }
  });

  test("that are evicted are replaced, and not counted as failed", async () => {
    const [compute, runId] = [open(), newRunId()];
    const handle = await compute.launch(runId, planFor(1), 1);
    for (let evictions = 0; evictions < 3; evictions += 1) {
      await untilState(compute, handle, "running");
      const [pod] = await vi.waitFor(() => {
        expect(workersOf(handle)).toHaveLength(1);
        return workersOf(handle);
      });
      local.kubernetes.evict(pod!);
      await vi.waitFor(() => {
        expect(workersOf(handle).map(({ name }) => name)).not.toContain(pod!.name);
      });
    }
    await untilState(compute, handle, "running");
    await compute.release(runId, 1);
  });

  test("whose image cannot be pulled are waited for a while, then fail the run", async () => {
    local.kubernetes.refuseImage(image);
    const [compute, runId] = [open(), newRunId()];
    const handle = await compute.launch(runId, planFor(2), 1);
    expect(await compute.state(handle)).toBe("starting");
    await untilFailed(
      open({}, later),
      handle,
      /^Pod run-\S+ cannot pull its image: (ErrImagePull|ImagePullBackOff): /,
    );
    local.kubernetes.refuseImage(image, false);
    await untilState(compute, handle, "running");
    await compute.release(runId, 1);
  });

  test("that find no node are waited for as long as the settings say, then fail the run", async () => {
    local.kubernetes.failScheduling("0/3 nodes are available: 3 Insufficient cpu.");
    const [compute, runId] = [open(), newRunId()];
    const handle = await compute.launch(runId, planFor(1), 1);
    expect(await compute.state(handle)).toBe("starting");
    const inAMinute = () => new Date(Date.now() + 60_000);
    expect(await open({}, inAMinute).state(handle)).toBe("starting");
    await untilFailed(open({}, later), handle, /finds no node: Unschedulable: 0\/3 nodes are available/);
    local.kubernetes.failScheduling(undefined);
    await compute.release(runId, 1);
  });

  test("that the cluster refuses to make fail the run, with its reason", async () => {
    const [compute, runId] = [open(), newRunId()];
    const handle = await compute.launch(runId, planFor(1), 1);
    await untilState(compute, handle, "running");
    const [namespace, name] = ["jobs", "sqlfleet-worker"];
    await local.core.deleteNamespacedServiceAccount({ namespace, name });
    const [pod] = workersOf(handle);
    local.kubernetes.evict(pod!);
    await untilFailed(
      open({}, later),
      handle,
      /^Kubernetes makes no pods for run-.*serviceaccount "\S+" not found$/,
    );
    await compute.release(runId, 1);
  });

  test("that all ran out of memory fail the run", async () => {
    const [compute, runId] = [open(), newRunId()];
    const handle = await compute.launch(runId, planFor(1), 1);
    const killed = new Set<string>();
    await vi.waitFor(
      async () => {
        for (const pod of workersOf(handle)) if (local.kubernetes.exhaustMemory(pod)) killed.add(pod.name);
        await expect(compute.state(handle)).rejects.toMatchObject({
          code: "ComputeFailed",
          message: expect.stringMatching(/^Pod run-\S+ was killed for its use of memory: OOMKilled$/),
        });
      },
      { timeout: 8_000, interval: 50 },
    );
    expect(killed.size).toBe(2);
    await compute.release(runId, 1);
  });

  test("that cannot be started fail the run, with the reason", async () => {
    const [compute, runId] = [open({ WORKER_COMMAND: "/no/such/worker" }), newRunId()];
    const handle = await compute.launch(runId, planFor(1), 1);
    await untilFailed(
      compute,
      handle,
      /cannot be started: StartError: cannot start \/no\/such\/worker: ENOENT/,
    );
    await compute.release(runId, 1);
  });

  test("get the settings, a name of their own and their identity's token", async () => {
    const WORKER_COMMAND = "env";
    const [compute, runId] = [open({ WORKER_COMMAND }), newRunId()];
    const handle = await compute.launch(runId, planFor(1), 1);
    await untilState(compute, handle, "ended");
    const { items } = await local.core.listNamespacedPod({
      ...{ namespace: "jobs", labelSelector: `job-name=${handle.jobId}` },
    });
    const name = items[0]!.metadata!.name!;
    const log = await local.core.readNamespacedPodLog({ namespace: "jobs", name });
    expect(log).toContain(`RUN_ID=${runId}\n`);
    expect(log).toContain(`WORKER_ID=${name}\n`);
    expect(log).toMatch(/^AZURE_FEDERATED_TOKEN_FILE=.*azure-identity-token$/m);
    expect(log).toMatch(/^TMPDIR=.+\/volumes\/tmp$/m);
    await compute.release(runId, 1);
  });
});

describe("who may", () => {
  test("an identity without the role is told what it may not do", async () => {
    const stranger = createKubernetes(local.credential(local.worker), settingsFor(local));
    await expect(stranger.launch(newRunId(), planFor(1), 1)).rejects.toMatchObject({
      code: "ServiceUnavailable",
      message: expect.stringMatching(
        /^Kubernetes: Forbidden: serviceaccounts is forbidden: User "\S+" cannot patch/,
      ),
    });
  });

  test("a manifest the cluster refuses is not tried again", async () => {
    await expect(
      open({ KUBERNETES_DEADLINE_SECONDS: -1 }).launch(newRunId(), planFor(1), 1),
    ).rejects.toMatchObject({
      code: "ComputeFailed",
      message: expect.stringContaining("spec.activeDeadlineSeconds: Invalid value: -1"),
    });
  });

  test("a worker without an image is refused by the cluster", async () => {
    await expect(open({ WORKER_IMAGE: undefined }).launch(newRunId(), planFor(1), 1)).rejects.toMatchObject({
      code: "ComputeFailed",
      message: expect.stringContaining("containers[0].image: Required value"),
    });
  });

  test("a namespace that is not there is said", async () => {
    const compute = createKubernetes(
      local.credential(),
      settingsFor(local, { KUBERNETES_NAMESPACE: "gone" }),
    );
    await expect(compute.launch(newRunId(), planFor(1), 1)).rejects.toMatchObject({
      code: "ServiceUnavailable",
    });
  });
});
