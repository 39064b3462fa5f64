import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { failures } from "../../../model/failures.ts";
import { type LocalKubernetes, patience } from "../../local/kubernetes/local-kubernetes.ts";
import { untilState } from "../contract/ports/compute.ts";
import { later, type LocalCompute, startLocalCompute, untilFailed } from "./local-compute.ts";

const image = "registry.example/sqlfleet/worker:1";
let compute: LocalCompute;
let local: LocalKubernetes;
beforeAll(async () => {
  compute = await startLocalCompute();
  ({ local } = compute);
});
afterEach(() => {
  local.kubernetes.refuseImage(image, false);
  local.kubernetes.failScheduling(undefined);
  local.kubernetes.refusePods(undefined);
});
afterAll(() => local.stop());

const stateOf = async (...[handle, ...opening]: [Handle, ...Parameters<LocalCompute["open"]>]) =>
  (await compute.open(...opening).state(handle)).state;
type Handle = Parameters<LocalCompute["workersOf"]>[0];

describe("workers that all fail fail the run, each with a code of its own:", () => {
  test("whose image cannot be pulled, after a while", async () => {
    local.kubernetes.refuseImage(image);
    const opened = compute.open();
    const { handle, release } = await compute.launch(opened, 2);
    expect(await stateOf(handle)).toBe("starting");
    await untilFailed(
      compute.open({}, later),
      handle,
      "PodImageUnavailable",
      /^Pod run-\S+ cannot pull its image: (ErrImagePull|ImagePullBackOff): /,
    );
    local.kubernetes.refuseImage(image, false);
    await untilState(opened, handle, "running");
    await release();
  });

  test("that find no node, after as long as the settings say", async () => {
    local.kubernetes.failScheduling("0/3 nodes are available: 3 Insufficient cpu.");
    const { handle, release } = await compute.launch(compute.open(), 1);
    expect(await stateOf(handle)).toBe("starting");
    expect(await stateOf(handle, {}, () => new Date(Date.now() + 60_000))).toBe("starting");
    await untilFailed(
      compute.open({}, later),
      handle,
      "PodUnschedulable",
      /finds no node: Unschedulable: 0\/3 nodes are available/,
    );
    await release();
  });

  test("that cannot be started", async () => {
    const opened = compute.open({ WORKER_COMMAND: "/no/such/worker" });
    const { handle, release } = await compute.launch(opened, 1);
    const text = /cannot be started: StartError: cannot start \/no\/such\/worker: ENOENT/;
    await untilFailed(opened, handle, "PodNotStartable", text);
    await release();
  });

  test("that ran out of memory", async () => {
    const opened = compute.open();
    const { handle, release } = await compute.launch(opened, 1);
    const killed = new Set<string>();
    await vi.waitFor(async () => {
      for (const pod of compute.workersOf(handle)) {
        if (local.kubernetes.exhaustMemory(pod)) killed.add(pod.name);
      }
      await expect(opened.state(handle)).rejects.toMatchObject({
        code: "PodOutOfMemory",
        message: expect.stringMatching(/^Pod run-\S+ was killed for its use of memory: OOMKilled$/),
      });
    }, patience);
    expect(killed.size).toBe(2);
    await release();
  });

  test("that lacked something", async () => {
    const opened = compute.open({ WORKER_COMMAND: `${process.execPath} -e process.exit(2)` });
    const { handle, release } = await compute.launch(opened, 1);
    const text = /^Pod run-\S+ ended before its worker took a target: Error$/;
    await untilFailed(opened, handle, "WorkersCouldNotStart", text);
    await release();
  });

  test("that were evicted, and whose replacements found no node until the time was over", async () => {
    const opened = compute.open({ KUBERNETES_DEADLINE_SECONDS: 2 });
    const { handle, release } = await compute.launch(opened, 1);
    await untilState(opened, handle, "running");
    local.kubernetes.failScheduling("0/1 nodes are available: 1 node(s) had disk pressure.");
    const [pod] = await vi.waitFor(() => {
      expect(compute.workersOf(handle)).toHaveLength(1);
      return compute.workersOf(handle);
    }, patience);
    local.kubernetes.evict(pod!, "The node was low on resource: ephemeral-storage.");
    const text = /^Pod run-\S+ was evicted: Evicted: The node was low on resource: ephemeral-storage\.$/;
    await untilFailed(opened, handle, "PodEvicted", text);
    await release();
  });

  test.each([
    [
      "a quota",
      "KubernetesQuotaExceeded",
      "exceeded quota: pods, requested: pods=1, used: pods=4, limited: pods=4",
    ],
    ["a policy", "PodRefused", 'violates PodSecurity "restricted:latest": runAsNonRoot != true'],
  ] as const)("that are never made, because of %s", async (_, code, reason) => {
    local.kubernetes.refusePods(reason);
    const { handle, release } = await compute.launch(compute.open(), 1);
    expect(await stateOf(handle)).toBe("starting");
    const escaped = reason.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    const text = new RegExp(`^Kubernetes makes no pods for run-.* forbidden: ${escaped}$`);
    await untilFailed(compute.open({}, later), handle, code, text);
    await release();
  });

  test("whose service account is gone", async () => {
    const opened = compute.open();
    const { handle, release } = await compute.launch(opened, 1);
    await untilState(opened, handle, "running");
    await local.core.deleteNamespacedServiceAccount({ namespace: "jobs", name: "sqlfleet-worker" });
    local.kubernetes.evict(compute.workersOf(handle)[0]!);
    const text = /^Kubernetes makes no pods for run-.*serviceaccount "\S+" not found$/;
    await untilFailed(compute.open({}, later), handle, "PodRefused", text);
    await release();
  });
});

test("each code says in Kubernetes' own words what to do next", () => {
  expect(failures.PodImageUnavailable.help).toContain("AcrPull");
  expect(failures.PodUnschedulable.help).toContain("KUBERNETES_CPU_REQUEST");
  expect(failures.PodOutOfMemory.help).toContain("KUBERNETES_MEMORY");
  expect(failures.PodNotStartable.help).toContain("kubectl describe pod");
});
