import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ComputeHandle } from "../../../model/activities.ts";
import type { FunctionSettings } from "../../../model/settings.ts";
import { isAlive } from "../../local/is-alive.ts";
import { newRunId } from "../../support/sample-run.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { samplePlan, untilState } from "../contract/ports/compute.ts";

const patience = { timeout: 10_000, interval: 50 };
let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ batch: true });
});
afterAll(() => standIns.stop());

let pools = 0;
const open = (other: Partial<FunctionSettings>) =>
  standIns.newServices({ BATCH_POOL_ID: `losses-${++pools}`, ...other }).compute.batch;

const running = ({ jobId }: ComputeHandle) =>
  standIns
    .batch()
    .running()
    .filter((task) => task.jobId === jobId);
const untilRunning = (handle: ComputeHandle, workers: number) =>
  vi.waitFor(() => {
    expect(running(handle)).toHaveLength(workers);
    return running(handle);
  }, patience);

describe("a node lost midway", () => {
  test("that was pre-empted is told of; its worker runs again on another, the others go on meanwhile", async () => {
    const compute = open({ BATCH_SPOT_PERCENT: 100 });
    const runId = newRunId();
    const handle = await compute.launch(runId, samplePlan(2), 1);
    const [first, second] = await untilRunning(handle, 2);
    standIns.batch().preemptNode(first!.nodeId);
    const loss = {
      worker: first!.taskId,
      reason: "NodePreempted",
      message: expect.stringContaining(`The node of ${first!.taskId} was pre-empted`) as string,
    };
    await vi.waitFor(async () => {
      expect(await compute.state(handle)).toEqual({ state: "running", losses: [loss] });
    }, patience);
    expect(isAlive(first!.pid)).toBe(false);
    expect(isAlive(second!.pid)).toBe(true);
    const again = (await untilRunning(handle, 2)).find(({ taskId }) => taskId === first!.taskId);
    expect(again?.nodeId).not.toBe(first!.nodeId);
    expect(await compute.state(handle)).toEqual({ state: "running", losses: [loss] });

    standIns.batch().preemptNode(again!.nodeId);
    await vi.waitFor(async () => {
      expect((await compute.state(handle)).losses).toHaveLength(2);
    }, patience);
    await compute.release(runId, 1);
  });

  test("of a pool without spot nodes is said to be lost", async () => {
    const compute = open({});
    const runId = newRunId();
    const handle = await compute.launch(runId, samplePlan(1), 1);
    const [worker] = await untilRunning(handle, 1);
    standIns.batch().loseNode(worker!.nodeId);
    await vi.waitFor(async () => {
      const { losses } = await compute.state(handle);
      expect(losses).toMatchObject([{ worker: "worker-1", reason: "NodeLost" }]);
    }, patience);
    await compute.release(runId, 1);
  });

  test("that does not come back takes its worker along, whatever Batch says of the task", async () => {
    const compute = open({});
    const runId = newRunId();
    const handle = await compute.launch(runId, samplePlan(2), 1);
    const [first, second] = await untilRunning(handle, 2);
    const problem = { code: "DiskFull", message: "There is not enough disk space" };
    standIns.batch().breakNode(first!.nodeId, problem);
    const loss = {
      worker: first!.taskId,
      reason: "NodeUnusable",
      message: `The node of ${first!.taskId} is unusable (DiskFull: There is not enough disk space). Its targets go to the others.`,
    };
    expect(await compute.state(handle)).toEqual({ state: "running", losses: [loss] });
    standIns.batch().breakNode(second!.nodeId, problem);
    const { state, losses } = await compute.state(handle);
    expect(state).toBe("ended");
    expect(losses).toHaveLength(2);
    await compute.release(runId, 1);
    expect((await compute.state(handle)).state).toBe("ended");
  });

  test("is not the only way to lose a worker: it may be killed", async () => {
    const compute = open({});
    const runId = newRunId();
    const handle = await compute.launch(runId, samplePlan(1), 1);
    const [worker] = await untilRunning(handle, 1);
    process.kill(worker!.pid, "SIGKILL");
    await untilState(compute, handle, "ended");
    expect((await compute.state(handle)).losses).toMatchObject([{ worker: "worker-1", reason: "Killed" }]);
    await compute.release(runId, 1);
  });
});
