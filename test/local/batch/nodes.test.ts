import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isAlive } from "../is-alive.ts";
import { type LocalBatch, startLocalBatch } from "./local-batch.ts";

const patience = { timeout: 8_000, interval: 20 };
let local: LocalBatch;
beforeAll(async () => {
  local = await startLocalBatch();
});
afterAll(() => local.stop());

describe("the nodes of the local Batch account", () => {
  test("a lost node takes its task with it; the task runs again on another", async () => {
    const poolId = await local.newPool(1);
    const job = await local.addTask(poolId, `sh -c "sleep 600 & sleep 600"`);
    const first = await local.processOf(job);
    expect(local.batch.loseNode(first.nodeId)).toBe(true);
    const second = await vi.waitFor(async () => {
      const found = await local.processOf(job);
      expect(found.nodeId).not.toBe(first.nodeId);
      return found;
    }, patience);
    await vi.waitFor(() => {
      expect(isAlive(first.pid)).toBe(false);
    }, patience);
    expect(second.pid).not.toBe(first.pid);
    const task = await local.byKey().task.get(job, "task");
    expect(task.executionInfo).toMatchObject({ requeueCount: 1, retryCount: 0 });
    await local.dropPool(poolId);
    await vi.waitFor(() => {
      expect(isAlive(second.pid)).toBe(false);
    }, patience);
  });

  test("a task killed from outside ends with the signal's exit code", async () => {
    const poolId = await local.newPool(1);
    const job = await local.addTask(poolId, "sleep 600");
    process.kill((await local.processOf(job)).pid, "SIGKILL");
    await vi.waitFor(async () => {
      expect((await local.byKey().task.get(job, "task")).executionInfo).toMatchObject({ exitCode: 137 });
    }, patience);
    await local.dropPool(poolId);
  });

  test("a task that ignores SIGTERM is killed after the grace", async () => {
    const poolId = await local.newPool(1);
    const job = await local.addTask(poolId, `sh -c "trap '' TERM; while true; do sleep 0.1; done"`);
    const { pid } = await local.processOf(job);
    await local.byKey().job.terminate(job);
    await vi.waitFor(async () => {
      expect((await local.byKey().job.get(job)).state).toBe("completed");
    }, patience);
    expect(isAlive(pid)).toBe(false);
    await local.dropPool(poolId);
  });

  test("starts that are told to fail, fail", async () => {
    const poolId = await local.newPool(1);
    const failure = {
      category: "servererror",
      code: "ContainerInvalidImage",
      message: "no such image",
    } as const;
    local.batch.failNextStarts(failure);
    const job = await local.addTask(poolId, "true");
    await vi.waitFor(async () => {
      const { executionInfo } = await local.byKey().task.get(job, "task");
      expect(executionInfo).toMatchObject({
        result: "failure",
        failureInfo: { code: "ContainerInvalidImage" },
      });
    }, patience);
    await local.dropPool(poolId);
  });

  test("a pool without quota says why it has no nodes, and gets them when there is some", async () => {
    local.batch.failAllocation({ code: "AccountCoreQuotaReached", message: "The account reached its quota" });
    const id = await local.newPool(1);
    const found = await vi.waitFor(async () => {
      const view = await local.management().poolOperations.get("g", local.batch.accountName, id);
      expect(view.resizeOperationStatus?.errors).toHaveLength(1);
      return view;
    }, patience);
    expect(found).toMatchObject({ allocationState: "Steady", currentDedicatedNodes: 0 });
    expect(found.resizeOperationStatus?.errors?.[0]?.code).toBe("AccountCoreQuotaReached");
    local.batch.failAllocation(undefined);
    await vi.waitFor(async () => {
      expect((await local.byKey().pool.get(id)).currentDedicatedNodes).toBe(1);
    }, patience);
    await local.dropPool(id);
  });

  test("a start task runs before tasks do; a node whose start task fails is not used", async () => {
    const good = await local.newPool(1, {
      startTask: { commandLine: `sh -c "echo ready > $AZ_BATCH_NODE_SHARED_DIR/mark"`, waitForSuccess: true },
    });
    const job = await local.addTask(good, `sh -c "cat $AZ_BATCH_NODE_SHARED_DIR/mark"`);
    await vi.waitFor(async () => {
      expect((await local.byKey().task.get(job, "task")).executionInfo).toMatchObject({ exitCode: 0 });
    }, patience);
    const bad = await local.newPool(1, { startTask: { commandLine: "false", waitForSuccess: true } });
    await vi.waitFor(async () => {
      const nodes = await local.byKey().computeNode.list(bad);
      expect(nodes.map(({ state }) => state)).toEqual(["starttaskfailed"]);
    }, patience);
    await Promise.all([local.dropPool(good), local.dropPool(bad)]);
  });

  test("a node that cannot be started is unusable and says why", async () => {
    const other = await startLocalBatch({
      nodeEnvironment: () => {
        throw new Error("no such identity");
      },
    });
    const poolId = await other.newPool(1);
    await vi.waitFor(async () => {
      const [node] = await other.byKey().computeNode.list(poolId);
      expect(node).toMatchObject({ state: "unusable", errors: [{ message: "no such identity" }] });
    }, patience);
    await other.stop();
  });

  test("stopping does not wait for nodes on their way", async () => {
    const other = await startLocalBatch({ nodeStartMilliseconds: 3_600_000 });
    const poolId = await other.newPool(2);
    const nodes = await other.byKey().computeNode.list(poolId);
    expect(nodes.map(({ state }) => state)).toEqual(["starting", "starting"]);
    expect(await other.management().poolOperations.get("g", other.batch.accountName, poolId)).toMatchObject({
      allocationState: "Resizing",
    });
    await other.stop();
  });

  test("stopping ends the tasks, and closes what was opened for the node", async () => {
    let closed = 0;
    const close = (): Promise<void> => {
      closed += 1;
      return Promise.resolve();
    };
    const other = await startLocalBatch({
      nodeEnvironment: () => ({ env: { PATH: "/usr/bin:/bin" }, close }),
    });
    const { pid } = await other.processOf(await other.addTask(await other.newPool(1), "sleep 600"));
    await other.stop();
    expect(isAlive(pid)).toBe(false);
    expect(closed).toBe(1);
  });
});
