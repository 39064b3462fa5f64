import { BatchManagementClient } from "@azure/arm-batch";
import { BatchServiceClient, BatchSharedKeyCredentials } from "@azure/batch";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { FunctionSettings } from "../../../model/settings.ts";
import { createCredential } from "../../../services/identity/create-credential.ts";
import { newRunId } from "../../support/sample-run.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { samplePlan, untilState } from "../contract/ports/compute.ts";

const patience = { timeout: 10_000, interval: 50 };
let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ batch: true });
});
afterAll(() => standIns.stop());

const management = () =>
  new BatchManagementClient(createCredential({ AZURE_CLIENT_ID: standIns.functionApp.clientId }), "s", {
    endpoint: standIns.batch().url,
    credentialScopes: ["https://management.azure.com/.default"],
  });
const data = () => {
  const { accountName, accountKey, url } = standIns.batch();
  return new BatchServiceClient(new BatchSharedKeyCredentials(accountName, accountKey), url);
};
const readPool = (name: string) => management().poolOperations.get("g", standIns.batch().accountName, name);

let pools = 0;
const open = (other: Partial<FunctionSettings>) => {
  const BATCH_POOL_ID = `set-${++pools}`;
  const { compute, batchPool } = standIns.newServices({ BATCH_POOL_ID, ...other });
  return { BATCH_POOL_ID, compute: compute.batch, batchPool };
};

describe("a pool of spot nodes", () => {
  test("has them beside dedicated ones; neither number shrinks", async () => {
    const { BATCH_POOL_ID, batchPool } = open({ BATCH_SPOT_PERCENT: 75 });
    const sizeOf = async () => (await readPool(BATCH_POOL_ID)).scaleSettings?.fixedScale;
    await batchPool.prestage(4);
    expect(await sizeOf()).toMatchObject({ targetDedicatedNodes: 1, targetLowPriorityNodes: 3 });
    await batchPool.prestage(2);
    expect(await sizeOf()).toMatchObject({ targetDedicatedNodes: 1, targetLowPriorityNodes: 3 });
    await batchPool.prestage(8);
    expect(await sizeOf()).toMatchObject({ targetDedicatedNodes: 2, targetLowPriorityNodes: 6 });
    await vi.waitFor(async () => {
      const nodes = await data().computeNode.list(BATCH_POOL_ID);
      expect(nodes.filter(({ isDedicated }) => isDedicated)).toHaveLength(2);
      expect(nodes.filter(({ isDedicated }) => !isDedicated)).toHaveLength(6);
    }, patience);
    await batchPool.remove();
  });
});

describe("a pool that is scaled by a formula", () => {
  const autoscale = { BATCH_SCALE: "autoscale", BATCH_MAX_NODES: 3, BATCH_SCALE_MINUTES: 7 } as const;

  test("gets a run's nodes at once, and never more than the most", async () => {
    const { BATCH_POOL_ID, compute } = open({ ...autoscale, BATCH_SPOT_PERCENT: 34 });
    const [one, two] = [newRunId(), newRunId()];
    await untilState(compute, await compute.launch(one, samplePlan(1), 1), "running");
    const pool = await readPool(BATCH_POOL_ID);
    expect(pool.scaleSettings?.autoScale).toMatchObject({ evaluationInterval: "PT7M" });
    expect(pool.autoScaleRun?.results).toBe(
      "$TargetDedicatedNodes=1;$TargetLowPriorityNodes=0;$NodeDeallocationOption=taskcompletion",
    );
    const handle = await compute.launch(two, samplePlan(5), 1);
    await vi.waitFor(() => {
      const workers = standIns.batch().running();
      expect(workers.filter(({ jobId }) => jobId === handle.jobId)).toHaveLength(2);
    }, patience);
    expect(await data().pool.get(BATCH_POOL_ID)).toMatchObject({
      enableAutoScale: true,
      targetDedicatedNodes: 2,
      targetLowPriorityNodes: 1,
    });
    await Promise.all([one, two].map((runId) => compute.release(runId, 1)));
  });

  test("is made so of one that had a fixed size", async () => {
    const { BATCH_POOL_ID, batchPool } = open({});
    await batchPool.prestage(1);
    await standIns.newServices({ ...autoscale, BATCH_POOL_ID }).batchPool.prestage(2);
    const { scaleSettings } = await readPool(BATCH_POOL_ID);
    expect(Object.keys(scaleSettings ?? {})).toEqual(["autoScale"]);
    await standIns.newServices({ BATCH_POOL_ID }).batchPool.prestage(2);
    expect((await readPool(BATCH_POOL_ID)).scaleSettings).toMatchObject({
      fixedScale: { targetDedicatedNodes: 2, targetLowPriorityNodes: 0 },
    });
    await batchPool.remove();
  });

  test("keeps a formula that somebody wrote for it", async () => {
    const { BATCH_POOL_ID, batchPool } = open(autoscale);
    await batchPool.prestage(1);
    const scaleSettings = { autoScale: { formula: "$TargetDedicatedNodes = 0;" } };
    const { accountName } = standIns.batch();
    await management().poolOperations.update("g", accountName, BATCH_POOL_ID, { scaleSettings });
    await batchPool.prestage(2);
    expect((await readPool(BATCH_POOL_ID)).scaleSettings).toEqual(scaleSettings);
    await batchPool.remove();
  });
});

describe("a pool's nodes", () => {
  const subnetId =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes";

  test("install the worker by a start task, which holds no secret, before any worker runs", async () => {
    const { BATCH_POOL_ID, compute } = open({
      BATCH_START_TASK: `sh -c "printenv > $AZ_BATCH_NODE_SHARED_DIR/installed"`,
      WORKER_COMMAND: `sh -c "cat $AZ_BATCH_NODE_SHARED_DIR/installed && sleep 600"`,
    });
    const runId = newRunId();
    await untilState(compute, await compute.launch(runId, samplePlan(1), 1), "running");
    const pool = await readPool(BATCH_POOL_ID);
    expect(pool.startTask).toMatchObject({
      waitForSuccess: true,
      userIdentity: { autoUser: { scope: "Pool", elevationLevel: "Admin" } },
    });
    expect(pool.startTask?.environmentSettings).toBeUndefined();
    expect(pool.deploymentConfiguration?.virtualMachineConfiguration).not.toHaveProperty(
      "containerConfiguration",
    );
    const everything = JSON.stringify([pool, await data().pool.get(BATCH_POOL_ID)]);
    for (const secret of standIns.secretValues) expect(everything).not.toContain(secret);
    await compute.release(runId, 1);
  });

  test("run the worker's image, pulled with their own identity", async () => {
    const WORKER_IMAGE = "registry.localhost/worker:1";
    const { BATCH_POOL_ID, compute } = open({ WORKER_IMAGE });
    const runId = newRunId();
    const { jobId } = await compute.launch(runId, samplePlan(1), 1);
    const { deploymentConfiguration } = await readPool(BATCH_POOL_ID);
    expect(deploymentConfiguration?.virtualMachineConfiguration?.containerConfiguration).toMatchObject({
      containerImageNames: [WORKER_IMAGE],
      containerRegistries: [
        {
          registryServer: "registry.localhost",
          identityReference: { resourceId: standIns.settings.WORKER_IDENTITY_ID },
        },
      ],
    });
    const [task] = await data().task.list(jobId);
    expect(task?.containerSettings?.imageName).toBe(WORKER_IMAGE);
    await compute.release(runId, 1);
  });

  test("are in the subnet, and have the machine image, that the settings name", async () => {
    const { BATCH_POOL_ID, batchPool } = open({
      BATCH_SUBNET_ID: subnetId,
      BATCH_PUBLIC_IP: "none",
      BATCH_VM_IMAGE: "canonical:ubuntu-24_04-lts:server:latest",
      BATCH_NODE_AGENT: "batch.node.ubuntu 24.04",
    });
    await batchPool.prestage(0);
    expect(await readPool(BATCH_POOL_ID)).toMatchObject({
      networkConfiguration: {
        subnetId,
        publicIPAddressConfiguration: { provision: "NoPublicIPAddresses" },
      },
      deploymentConfiguration: {
        virtualMachineConfiguration: {
          imageReference: { publisher: "canonical", offer: "ubuntu-24_04-lts", sku: "server" },
          nodeAgentSkuId: "batch.node.ubuntu 24.04",
        },
      },
    });
    await batchPool.remove();
  });

  test("may come from an image of one's own", async () => {
    const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/sqlfleet";
    const { BATCH_POOL_ID, batchPool } = open({
      BATCH_SUBNET_ID: subnetId,
      BATCH_VM_IMAGE: id,
      BATCH_NODE_AGENT: "batch.node.ubuntu 22.04",
    });
    await batchPool.prestage(0);
    expect(await readPool(BATCH_POOL_ID)).toMatchObject({
      networkConfiguration: { publicIPAddressConfiguration: { provision: "BatchManaged" } },
      deploymentConfiguration: { virtualMachineConfiguration: { imageReference: { id } } },
    });
    await batchPool.remove();
  });
});
