import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { newRunId } from "../../support/sample-run.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { samplePlan, untilState } from "../contract/ports/compute.ts";
import { collectOutputs } from "./collect-outputs.ts";

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ batch: true });
});
afterAll(() => standIns.stop());

const open = (WORKER_COMMAND: string, BATCH_POOL_ID = "outputs") =>
  standIns.newServices({ WORKER_COMMAND, BATCH_POOL_ID }).compute.batch;

describe("what workers wrote", () => {
  test("is there of each one, also when it failed, with what Batch says of it", async () => {
    const compute = open(`sh -c "echo out of $WORKER_ID; echo trouble >&2; test $WORKER_ID = worker-1"`);
    const runId = newRunId();
    await untilState(compute, await compute.launch(runId, samplePlan(2), 1), "ended");
    expect(await collectOutputs(compute, runId)).toEqual({
      "worker-1 stdout": "out of worker-1\n",
      "worker-1 stderr": "trouble\n",
      "worker-2 log": expect.stringMatching(/^FailureExitCode: .*\n$/) as string,
      "worker-2 stdout": "out of worker-2\n",
      "worker-2 stderr": "trouble\n",
    });
    await compute.release(runId, 1);
    expect(await collectOutputs(compute, runId)).toEqual({});
  });

  test("so far is there of those that run", async () => {
    const compute = open(`sh -c "echo begun; sleep 600"`);
    const runId = newRunId();
    await untilState(compute, await compute.launch(runId, samplePlan(1), 1), "running");
    await vi.waitFor(async () => {
      expect(await collectOutputs(compute, runId)).toEqual({
        "worker-1 stdout": "begun\n",
        "worker-1 stderr": "",
      });
    });
    await compute.release(runId, 1);
  });

  test("is nothing when they never ran, but why is told", async () => {
    const compute = open("/no/such/worker");
    const runId = newRunId();
    const handle = await compute.launch(runId, samplePlan(1), 1);
    await vi.waitFor(async () => {
      await expect(compute.state(handle)).rejects.toMatchObject({ code: "ComputeFailed" });
    });
    expect(await collectOutputs(compute, runId)).toEqual({
      "worker-1 log": "CommandProgramNotFound: The specified command program is not found\n",
    });
    await compute.release(runId, 1);
  });

  test("cannot be read from a node that is broken, which keeps nobody from the others", async () => {
    const compute = open(`sh -c "echo begun; sleep 600"`, "broken");
    const runId = newRunId();
    await compute.launch(runId, samplePlan(2), 1);
    const first = await vi.waitFor(() => {
      const workers = standIns.batch().running();
      expect(workers).toHaveLength(2);
      return workers.find(({ taskId }) => taskId === "worker-1");
    });
    standIns
      .batch()
      .breakNode(first!.nodeId, { code: "DiskFull", message: "There is not enough disk space" });
    await vi.waitFor(async () => {
      expect(await collectOutputs(compute, runId)).toEqual({
        "worker-2 stdout": "begun\n",
        "worker-2 stderr": "",
      });
    });
    await compute.release(runId, 1);
  });

  test("went with its node", async () => {
    const compute = open("echo here");
    const runId = newRunId();
    await untilState(compute, await compute.launch(runId, samplePlan(1), 1), "ended");
    await standIns.newServices({ BATCH_POOL_ID: "outputs" }).batchPool.remove();
    await vi.waitFor(async () => {
      expect(await collectOutputs(compute, runId)).toEqual({});
    });
    await compute.release(runId, 1);
  });
});
