import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isAlive } from "../is-alive.ts";
import { type LocalBatch, startLocalBatch } from "./local-batch.ts";

const patience = { timeout: 8_000, interval: 20 };
let local: LocalBatch;
beforeAll(async () => {
  local = await startLocalBatch();
});
afterAll(() => local.stop());

const spot = (targetLowPriorityNodes: number) => ({
  scaleSettings: { fixedScale: { targetDedicatedNodes: 0, targetLowPriorityNodes } },
});
const readTask = (job: string) => local.byKey().task.get(job, "task");
const statesOf = async (poolId: string) =>
  (await local.byKey().computeNode.list(poolId)).map(({ state }) => state).sort();

describe("spot nodes of the local Batch account", () => {
  test("are taken back with all they run; the task runs again on the node that comes instead", async () => {
    const poolId = await local.newPool(0, spot(1));
    const job = await local.addTask(poolId, `sh -c "trap '' TERM; sleep 600"`);
    const first = await local.processOf(job);
    local.batch.failAllocation({ code: "AllocationFailed", message: "No spot capacity." });
    expect(local.batch.preemptNode(first.nodeId)).toBe(true);
    await vi.waitFor(async () => {
      expect(isAlive(first.pid)).toBe(false);
      expect(await statesOf(poolId)).toEqual(["preempted"]);
      expect(await local.byKey().pool.get(poolId)).toMatchObject({
        currentLowPriorityNodes: 0,
        targetLowPriorityNodes: 1,
        resizeErrors: [{ code: "AllocationFailed" }],
      });
      expect(await readTask(job)).toMatchObject({ state: "active", executionInfo: { requeueCount: 1 } });
    }, patience);
    expect((await readTask(job)).executionInfo?.lastRequeueTime).toBeInstanceOf(Date);

    local.batch.failAllocation(undefined);
    await vi.waitFor(async () => {
      expect((await local.processOf(job)).nodeId).not.toBe(first.nodeId);
      expect(await statesOf(poolId)).toEqual(["running"]);
    }, patience);
    await local.dropPool(poolId);
  });

  test("can be taken back while they start", async () => {
    const other = await startLocalBatch({ nodeStartMilliseconds: 3_600_000 });
    const poolId = await other.newPool(0, spot(1));
    const [node] = await other.byKey().computeNode.list(poolId);
    other.batch.preemptNode(node!.id!);
    await vi.waitFor(async () => {
      const nodes = await other.byKey().computeNode.list(poolId);
      expect(nodes.map(({ state }) => state).sort()).toEqual(["preempted", "starting"]);
    }, patience);
    await other.stop();
  });

  test("are the only ones that are taken back", async () => {
    const poolId = await local.newPool(1);
    const [node] = await local.byKey().computeNode.list(poolId);
    expect(local.batch.preemptNode(node!.id!)).toBe(false);
    expect(local.batch.preemptNode("none")).toBe(false);
    await local.dropPool(poolId);
  });
});

describe("broken nodes of the local Batch account", () => {
  test("leave their task as it was until its job is deleted", async () => {
    const poolId = await local.newPool(1);
    const job = await local.addTask(poolId, "sleep 600");
    const { nodeId, pid } = await local.processOf(job);
    local.batch.breakNode(nodeId, { code: "DiskFull", message: "There is not enough disk space" });
    await vi.waitFor(() => {
      expect(isAlive(pid)).toBe(false);
    }, patience);
    const [node] = await local.byKey().computeNode.list(poolId);
    expect(node).toMatchObject({ state: "unusable", errors: [{ code: "DiskFull", errorDetails: [] }] });
    expect(await readTask(job)).toMatchObject({ state: "running", nodeInfo: { nodeId } });
    await local.byKey().job.deleteMethod(job);
    await vi.waitFor(async () => {
      await expect(local.byKey().job.get(job)).rejects.toMatchObject({ code: "JobNotFound" });
    }, patience);
    await local.dropPool(poolId);
  });
});

describe("container images of the local Batch account", () => {
  const image = "registry.localhost/worker:gone";
  const containers = (more: object = {}) => {
    const { virtualMachineConfiguration } = local.pool(1).deploymentConfiguration!;
    const containerConfiguration = { type: "DockerCompatible", containerImageNames: [image], ...more };
    return {
      deploymentConfiguration: {
        virtualMachineConfiguration: { ...virtualMachineConfiguration, containerConfiguration },
      },
    };
  };
  const failureOf = (job: string) =>
    vi.waitFor(async () => {
      const { failureInfo } = (await readTask(job)).executionInfo!;
      expect(failureInfo).toBeDefined();
      return failureInfo!;
    }, patience);
  const addContainerTask = async (poolId: string) => {
    const id = `job-${poolId}`;
    await local.byKey().job.add({ id, poolInfo: { poolId } });
    const containerSettings = { imageName: image };
    await local.byKey().task.add(id, { id: "task", commandLine: "true", containerSettings });
    return id;
  };

  test("that cannot be pulled make nodes unusable, or their task fail", async () => {
    const early = await local.newPool(1, containers());
    await vi.waitFor(async () => {
      expect(await statesOf(early)).toEqual(["idle"]);
    }, patience);
    local.batch.removeImage(image);
    expect(await failureOf(await addContainerTask(early))).toMatchObject({
      code: "ContainerInvalidImage",
      details: [{ name: "ContainerImage", value: image }, { name: "Message" }],
    });
    const late = await local.newPool(1, containers());
    await vi.waitFor(async () => {
      const [node] = await local.byKey().computeNode.list(late);
      expect(node).toMatchObject({ state: "unusable", errors: [{ code: "ContainerInvalidImage" }] });
    }, patience);
    await Promise.all([local.dropPool(early), local.dropPool(late)]);
  });

  test("need a pool that is made for containers, and an identity that is the pool's", async () => {
    const poolId = await local.newPool(1);
    expect(await failureOf(await addContainerTask(poolId))).toMatchObject({
      code: "ContainerPoolNotSupported",
    });
    const foreign = { registryServer: "registry.localhost", identityReference: { resourceId: "/other" } };
    await expect(local.newPool(1, containers({ containerRegistries: [foreign] }))).rejects.toMatchObject({
      statusCode: 400,
    });
    await local.dropPool(poolId);
  });
});

describe("networks of the local Batch account", () => {
  const subnetId =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes";

  test("are kept and shown on both planes", async () => {
    const publicIPAddressConfiguration = { provision: "NoPublicIPAddresses" };
    const poolId = await local.newPool(0, {
      networkConfiguration: { subnetId, publicIPAddressConfiguration },
    });
    const shown = { networkConfiguration: { subnetId, publicIPAddressConfiguration } };
    expect(await local.management().poolOperations.get("g", local.batch.accountName, poolId)).toMatchObject(
      shown,
    );
    expect((await local.byKey().pool.get(poolId)).networkConfiguration).toMatchObject({ subnetId });
    await local.dropPool(poolId);
  });

  test.each([{ subnetId: "nodes" }, { publicIPAddressConfiguration: { provision: "NoPublicIPAddresses" } }])(
    "are refused when they cannot be: %j",
    async (networkConfiguration) => {
      await expect(local.newPool(0, { networkConfiguration })).rejects.toMatchObject({ statusCode: 400 });
    },
  );
});
