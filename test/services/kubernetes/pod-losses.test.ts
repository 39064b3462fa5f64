import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Workers } from "../../../model/workers.ts";
import type { Compute } from "../../../services/services.ts";
import { type LocalKubernetes, patience } from "../../local/kubernetes/local-kubernetes.ts";
import { untilState } from "../contract/ports/compute.ts";
import { type LocalCompute, startLocalCompute, toCommand } from "./local-compute.ts";

const namespace = "jobs";
let compute: LocalCompute;
let local: LocalKubernetes;
beforeAll(async () => {
  compute = await startLocalCompute();
  ({ local } = compute);
});
afterAll(() => local.stop());

type Handle = Parameters<LocalCompute["workersOf"]>[0];

const untilWorkers = (handle: Handle, count: number) =>
  vi.waitFor(() => {
    const workers = compute.workersOf(handle);
    expect(workers).toHaveLength(count);
    return workers;
  }, patience);

const untilLost = (opened: Compute, handle: Handle, count: number): Promise<Workers> =>
  vi.waitFor(async () => {
    const workers = await opened.state(handle);
    expect(workers.losses).toHaveLength(count);
    return workers;
  }, patience);

/** Each way takes one of two pods away; what is told of it. */
const ways: readonly (readonly [string, (name: string) => unknown, object])[] = [
  [
    "evicted by its node",
    (name) => local.kubernetes.evict({ namespace, name }),
    {
      reason: "Evicted",
      message: expect.stringMatching(/was evicted \(The node was low on resource: memory\.\)/),
    },
  ],
  [
    "deleted by somebody",
    // As kubectl delete pod does.
    (name) => local.core.deleteNamespacedPod({ namespace, name }),
    {
      reason: "Killing",
      message: expect.stringContaining("was ended from outside (Stopping container worker)"),
    },
  ],
  [
    "moved off a node that is drained",
    (name) =>
      local.core.createNamespacedPodEviction({
        namespace,
        name,
        ...asBody({ metadata: { name, namespace } }),
      }),
    { message: expect.stringMatching(/was (moved off its node|ended from outside)/) },
  ],
  [
    "killed for its use of memory",
    (name) => local.kubernetes.exhaustMemory({ namespace, name }),
    { reason: "OOMKilled", message: expect.stringContaining("was killed for its use of memory") },
  ],
];

describe("a worker that is lost", () => {
  test.each(ways)("because it was %s is named, and its work goes on in another", async (_, take, loss) => {
    const opened = compute.open();
    const { handle, release } = await compute.launch(opened, 2);
    const [first, second] = await untilWorkers(handle, 2);
    await untilState(opened, handle, "running");
    expect((await opened.state(handle)).losses).toEqual([]);
    await take(first!.name);
    const { state, losses } = await untilLost(opened, handle, 1);
    expect(losses).toEqual([
      { worker: first!.name, message: expect.any(String), reason: expect.any(String), ...loss },
    ]);
    expect(losses[0]?.message).toMatch(/^Pod run-\S+ was .*; its targets go to the others\.$/);
    expect(state).toBe("running");
    await vi.waitFor(() => {
      const names = compute.workersOf(handle).map(({ name }) => name);
      expect(names).toHaveLength(2);
      expect(names).toContain(second!.name);
      expect(names).not.toContain(first!.name);
    }, patience);
    // It stays told, also when its pod is gone.
    expect((await opened.state(handle)).losses.map(({ worker }) => worker)).toEqual([first!.name]);
    await release();
    expect(await opened.state(handle)).toEqual({ state: "ended", losses: [] });
  });

  test("is named also when the others have done all the work since", async () => {
    const folder = await mkdtemp(join(tmpdir(), "losses-"));
    const done = join(folder, "done");
    const opened = compute.open({ WORKER_COMMAND: toCommand(`until(test -e ${done});do(sleep 0.05);done`) });
    const { handle, release } = await compute.launch(opened, 2);
    const [first] = await untilWorkers(handle, 2);
    local.kubernetes.evict(first!);
    await writeFile(done, "");
    await untilState(opened, handle, "ended");
    expect((await opened.state(handle)).losses).toMatchObject([{ worker: first!.name, reason: "Evicted" }]);
    await release();
    await rm(folder, { recursive: true });
  });
});

test("workers that end by themselves, well or badly, are no losses", async () => {
  for (const WORKER_COMMAND of ["true", "false"]) {
    const opened = compute.open({ WORKER_COMMAND });
    const { handle, release } = await compute.launch(opened, 2);
    await untilState(opened, handle, "ended");
    expect((await opened.state(handle)).losses).toEqual([]);
    await release();
  }
});

test("workers whose time was over are no losses: their job ended them", async () => {
  const opened = compute.open({ KUBERNETES_DEADLINE_SECONDS: 2 });
  const { handle, release } = await compute.launch(opened, 1);
  await untilState(opened, handle, "running");
  await untilState(opened, handle, "ended");
  expect((await opened.state(handle)).losses).toEqual([]);
  await release();
});

test("a look at workers that are well lists no pods", async () => {
  const opened = compute.open();
  const { handle, release } = await compute.launch(opened, 2);
  await untilState(opened, handle, "running");
  compute.asked.length = 0;
  await opened.state(handle);
  expect(compute.asked.map((path) => path.replace(/.*\//, ""))).toEqual([handle.jobId, "events"]);
  await release();
});

/** The client's models are classes; what is sent is plain data. */
const asBody = (body: object) => ({ body });
