import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type RunId, toJobId } from "../../../model/ids.ts";
import type { Compute } from "../../../services/services.ts";
import {
  type LocalKubernetes,
  patience,
  shellJob,
  startJob,
} from "../../local/kubernetes/local-kubernetes.ts";
import { newRunId } from "../../support/sample-run.ts";
import { untilState } from "../contract/ports/compute.ts";
import { type LocalCompute, startLocalCompute, toCommand } from "./local-compute.ts";

let compute: LocalCompute;
let local: LocalKubernetes;
beforeAll(async () => {
  compute = await startLocalCompute();
  ({ local } = compute);
});
afterAll(() => local.stop());

const readAll = async (opened: Compute, runId: RunId): Promise<Readonly<Record<string, string>>> => {
  const found: [string, string][] = [];
  for await (const { worker, name, content } of opened.outputs(runId, 1)) {
    expect(name).toBe("log");
    found.push([worker, await text(content)]);
  }
  return Object.fromEntries(found);
};

describe("what workers wrote", () => {
  test("is read by pod, also of those that failed and were replaced", async () => {
    const opened = compute.open({ WORKER_COMMAND: toCommand("echo out; echo error >&2; exit 3") });
    const { handle, runId, release } = await compute.launch(opened, 2);
    await untilState(opened, handle, "ended");
    const outputs = await readAll(opened, runId);
    expect(Object.keys(outputs).length).toBeGreaterThan(2);
    for (const [worker, log] of Object.entries(outputs)) {
      expect(worker).toMatch(new RegExp(`^${handle.jobId}-`));
      expect(log).toBe("out\nerror\n");
    }
    await release();
    expect(await readAll(opened, runId)).toEqual({});
  });

  test("is read as far as it has come while they run, and leaves out who never started", async () => {
    const opened = compute.open({ WORKER_COMMAND: toCommand("echo begun; exec sleep 600") });
    const { handle, runId, release } = await compute.launch(opened, 2);
    await untilState(opened, handle, "running");
    await vi.waitFor(async () => {
      expect(Object.values(await readAll(opened, runId))).toEqual(["begun\n", "begun\n"]);
    }, patience);
    local.kubernetes.failScheduling("0/1 nodes are available.");
    local.kubernetes.evict(compute.workersOf(handle)[0]!);
    await vi.waitFor(async () => {
      const { items } = await local.core.listNamespacedPod({
        ...{ namespace: "jobs", labelSelector: `job-name=${handle.jobId}` },
      });
      expect(items).toHaveLength(3);
    }, patience);
    expect(Object.values(await readAll(opened, runId))).toEqual(["begun\n", "begun\n"]);
    local.kubernetes.failScheduling(undefined);
    await release();
  });

  test("comes as a stream, however much it is", async () => {
    const megabytes = 20;
    const script = `head -c ${megabytes * 1_000_000} /dev/zero`;
    const opened = compute.open({ WORKER_COMMAND: toCommand(script) });
    const { handle, runId, release } = await compute.launch(opened, 1);
    await untilState(opened, handle, "ended");
    let bytes = 0;
    let largest = 0;
    for await (const { content } of opened.outputs(runId, 1)) {
      for await (const chunk of content) {
        bytes += (chunk as Buffer).length;
        largest = Math.max(largest, (chunk as Buffer).length);
      }
    }
    expect(bytes).toBe(megabytes * 1_000_000);
    expect(largest).toBeLessThan(1_000_000);
    await release();
  });

  test("of a container that was started again is its last two logs, in order", async () => {
    const runId = newRunId();
    const name = toJobId(runId, 1);
    const starts = `n=$(cat $TMPDIR/n 2>/dev/null || echo 0); echo $((n+1)) | tee $TMPDIR/n; test $n -ge 2`;
    const pod = { restartPolicy: "OnFailure", volumes: [{ name: "tmp", emptyDir: {} }] };
    const container = {
      volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      env: [{ name: "TMPDIR", value: "/tmp" }],
    };
    const job = shellJob(starts, {}, pod, container);
    const started = await startJob(local, { ...job, metadata: { name } });
    await started.until("Complete");
    expect(Object.values(await readAll(compute.open(), runId))).toEqual(["2\n3\n"]);
    await compute.open().release(runId, 1);
  });

  test("may be left unread", async () => {
    const opened = compute.open({ WORKER_COMMAND: toCommand("echo out") });
    const { handle, runId, release } = await compute.launch(opened, 2);
    await untilState(opened, handle, "ended");
    for await (const { content } of opened.outputs(runId, 1)) {
      content.destroy();
      break;
    }
    await release();
  });

  test("is refused to an identity without the role", async () => {
    const [opened, stranger] = [compute.open(), compute.open({}, undefined, local.worker)];
    const { runId, release } = await compute.launch(opened, 1);
    await expect(readAll(stranger, runId)).rejects.toMatchObject({
      code: "RoleMissing",
      message: expect.stringMatching(/^Kubernetes: Forbidden: pods is forbidden/),
    });
    await release();
  });
});
