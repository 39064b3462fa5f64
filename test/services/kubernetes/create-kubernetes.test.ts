import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { jsonResponse, type WebFault } from "../../../local/web-server.ts";
import type { ComputeHandle } from "../../../model/activities.ts";
import type { FunctionSettings } from "../../../model/settings.ts";
import { createKubernetes } from "../../../services/kubernetes/create-kubernetes.ts";
import type { Compute } from "../../../services/services.ts";
import type { LocalKubernetes } from "../../local/kubernetes/local-kubernetes.ts";
import { newRunId } from "../../support/sample-run.ts";
import { describeCompute, untilState } from "../contract/ports/compute.ts";
import { type LocalCompute, settingsFor, startLocalCompute, toPlan as planFor } from "./local-compute.ts";

/** What the cluster says instead of taking a job, when there is something. */
let refusal: string | undefined;
const refuseJobs: WebFault = ({ method, url }) => {
  if (refusal === undefined || method !== "PATCH" || !url.pathname.includes("/jobs/run-")) return undefined;
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "Forbidden" };
  return jsonResponse(403, { ...status, code: 403, message: refusal });
};

let compute: LocalCompute;
let local: LocalKubernetes;
beforeAll(async () => {
  compute = await startLocalCompute({ fault: refuseJobs });
  ({ local } = compute);
});
afterAll(() => local.stop());

const open = (settings?: Partial<FunctionSettings>): Compute => compute.open(settings);
const workersOf = (handle: ComputeHandle) => compute.workersOf(handle);

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
      code: "RoleMissing",
      message: expect.stringMatching(
        /^Kubernetes: Forbidden: serviceaccounts "\S+" is forbidden: User "\S+" cannot patch/,
      ),
    });
  });

  test("a manifest the cluster refuses is not tried again", async () => {
    await expect(
      open({ KUBERNETES_DEADLINE_SECONDS: -1 }).launch(newRunId(), planFor(1), 1),
    ).rejects.toMatchObject({
      code: "ManifestRefused",
      message: expect.stringContaining("spec.activeDeadlineSeconds: Invalid value: -1"),
    });
  });

  test.each([
    [
      'jobs.batch "run" is forbidden: exceeded quota: jobs, used: count/jobs.batch=1',
      "KubernetesQuotaExceeded",
    ],
    ['admission webhook "policy.example" denied the request: no limits', "ManifestRefused"],
    ["the namespace is being terminated", "ServiceUnavailable"],
  ])("a job that is forbidden says why: %s", async (message, code) => {
    refusal = message;
    const launching = open().launch(newRunId(), planFor(1), 1);
    await expect(launching).rejects.toMatchObject({ code, message: `Kubernetes: Forbidden: ${message}` });
    refusal = undefined;
  });

  test("a worker without an image is refused by the cluster", async () => {
    await expect(open({ WORKER_IMAGE: undefined }).launch(newRunId(), planFor(1), 1)).rejects.toMatchObject({
      code: "ManifestRefused",
      message: expect.stringContaining("containers[0].image: Required value"),
    });
  });

  test("a namespace that is not there is one where nobody may do anything", async () => {
    const compute = createKubernetes(
      local.credential(),
      settingsFor(local, { KUBERNETES_NAMESPACE: "gone" }),
    );
    await expect(compute.launch(newRunId(), planFor(1), 1)).rejects.toMatchObject({
      code: "RoleMissing",
    });
  });
});
