import { BatchManagementClient } from "@azure/arm-batch";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { FailureCode } from "../../../model/failures.ts";
import type { FunctionSettings } from "../../../model/settings.ts";
import { toBatchFailure } from "../../../services/batch/batch-errors.ts";
import { createCredential } from "../../../services/identity/create-credential.ts";
import { newRunId } from "../../support/sample-run.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { samplePlan } from "../contract/ports/compute.ts";

const patience = { timeout: 10_000, interval: 50 };
let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ batch: true });
});
afterAll(() => standIns.stop());

let pools = 0;
const newPool = (other: Partial<FunctionSettings> = {}): Partial<FunctionSettings> => ({
  BATCH_POOL_ID: `fails-${++pools}`,
  ...other,
});

/** Launches a run on the pool and waits until its state says why it can never run. */
async function expectFailure(settings: Partial<FunctionSettings>, code: FailureCode, text: string) {
  const compute = standIns.newServices(settings).compute.batch;
  const runId = newRunId();
  const handle = await compute.launch(runId, samplePlan(1), 1);
  await vi.waitFor(async () => {
    await expect(compute.state(handle)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as string,
    });
  }, patience);
  await compute.release(runId, 1);
}

describe("a pool that gets no nodes", () => {
  test.each([
    ["AccountCoreQuotaReached", "BatchQuotaExceeded"],
    ["AccountVMSeriesCoreQuotaReached", "BatchQuotaExceeded"],
    ["AccountLowPriorityCoreQuotaReached", "BatchQuotaExceeded"],
    ["AllocationTimedOut", "AllocationTimeout"],
    ["AllocationTimedout", "AllocationTimeout"],
    ["AllocationFailed", "AllocationFailed"],
    ["OverconstrainedAllocationRequest", "AllocationFailed"],
  ] as const)("for %s: %s", async (service, code) => {
    const settings = newPool();
    standIns.batch().failAllocation({ code: service, message: "As the service puts it." });
    const text = `The pool ${settings.BATCH_POOL_ID ?? ""} gets no nodes: ${service}: As the service puts it.`;
    await expectFailure(settings, code, text);
    standIns.batch().failAllocation(undefined);
  });

  test("because somebody's formula fails is said so", async () => {
    const settings = newPool();
    const { clientId } = standIns.functionApp;
    const client = new BatchManagementClient(createCredential({ AZURE_CLIENT_ID: clientId }), "s", {
      endpoint: standIns.batch().url,
      credentialScopes: ["https://management.azure.com/.default"],
    });
    const { accountName } = standIns.batch();
    await client.poolOperations.create("g", accountName, settings.BATCH_POOL_ID ?? "", {
      vmSize: "Standard_D2s_v5",
      deploymentConfiguration: {
        virtualMachineConfiguration: { imageReference: { id: "/image" }, nodeAgentSkuId: "x" },
      },
      scaleSettings: { autoScale: { formula: "$TargetDedicatedNodes = $Unknown;" } },
    });
    await expectFailure(settings, "PoolRefused", "AutoScalingFormulaEvaluationError");
  });
});

describe("a pool whose nodes are no use", () => {
  test("because the worker's image cannot be pulled", async () => {
    const WORKER_IMAGE = "registry.localhost/worker:missing";
    standIns.batch().removeImage(WORKER_IMAGE);
    const text = `ContainerInvalidImage: One or more container images specified are invalid; ContainerImage: ${WORKER_IMAGE}`;
    await expectFailure(newPool({ WORKER_IMAGE }), "ImageUnavailable", text);
  });

  test("because the image is gone when the task starts", async () => {
    const settings = newPool({ WORKER_IMAGE: "registry.localhost/worker:1" });
    const message = "One or more container images specified are invalid";
    standIns.batch().failNextStarts({ category: "usererror", code: "ContainerInvalidImage", message });
    await expectFailure(settings, "ImageUnavailable", "could not start the workers: ContainerInvalidImage");
  });

  test.each([
    ["false", "the start task ended with exit code 1"],
    ["/no/such/installer", "the start task could not run: CommandProgramNotFound"],
  ])("because the start task fails: %s", async (BATCH_START_TASK, text) => {
    await expectFailure(newPool({ BATCH_START_TASK }), "StartTaskFailed", text);
  });

  test("because every worker lacked something", async () => {
    const WORKER_COMMAND = `${process.execPath} -e process.exit(2)`;
    await expectFailure(newPool({ WORKER_COMMAND }), "WorkersCouldNotStart", "before it took a target");
  });

  test("because they broke", async () => {
    const settings = newPool();
    const { compute, batchPool } = standIns.newServices(settings);
    const runId = newRunId();
    const handle = await compute.batch.launch(runId, samplePlan(1), 1);
    const { nodeId } = await vi.waitFor(() => {
      const task = standIns
        .batch()
        .running()
        .find(({ jobId }) => jobId === handle.jobId);
      expect(task).toBeDefined();
      return task!;
    }, patience);
    standIns.batch().breakNode(nodeId, { code: "NodeNotReady", message: "The node did not report in time." });
    await compute.batch.release(runId, 1);
    const text = "can be used: unusable. The first one: NodeNotReady: The node did not report in time.";
    await expectFailure(settings, "NodesUnusable", text);
    await batchPool.remove();
  });
});

test.each([
  ["PoolQuotaReached", 409, "BatchQuotaExceeded"],
  ["ActiveJobAndScheduleQuotaReached", 409, "BatchQuotaExceeded"],
  ["InvalidPropertyValue", 400, "PoolRefused"],
  ["ServerBusy", 503, "ServiceUnavailable"],
])("a request that is refused with %s", (code, statusCode, failure) => {
  expect(toBatchFailure({ code, statusCode, message: "No." })).toMatchObject({
    code: failure,
    message: `Azure Batch: ${code}: No.`,
  });
});
