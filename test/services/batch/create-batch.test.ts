import { BatchManagementClient } from "@azure/arm-batch";
import { BatchServiceClient, BatchSharedKeyCredentials } from "@azure/batch";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createCredential } from "../../../services/identity/create-credential.ts";
import type { FunctionSettings } from "../../../model/settings.ts";
import { newRunId } from "../../support/sample-run.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { describeCompute, samplePlan, untilState } from "../contract/ports/compute.ts";

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ batch: true });
});
afterAll(() => standIns.stop());

const open = (other: Partial<FunctionSettings> = {}) => standIns.newServices(other).compute.batch;

const management = () =>
  new BatchManagementClient(createCredential({ AZURE_CLIENT_ID: standIns.functionApp.clientId }), "s", {
    endpoint: standIns.batch().url,
    credentialScopes: ["https://management.azure.com/.default"],
  });

describeCompute("Azure Batch", {
  open,
  toPlan: samplePlan,
  countWorkers: ({ jobId }) =>
    standIns
      .batch()
      .running()
      .filter((task) => task.jobId === jobId).length,
});

describe("the pool", () => {
  const readPool = (name: string) => management().poolOperations.get("g", standIns.batch().accountName, name);

  test("is made with the workers' identity, grows for a larger run and never shrinks", async () => {
    const compute = open({ BATCH_POOL_ID: "grows" });
    const [one, two, three] = [newRunId(), newRunId(), newRunId()];
    await compute.launch(one, samplePlan(1), 1);
    const made = await readPool("grows");
    expect(Object.keys(made.identity?.userAssignedIdentities ?? {})).toEqual([
      standIns.settings.WORKER_IDENTITY_ID,
    ]);
    expect(toSize(made)).toBe(1);
    await compute.launch(two, samplePlan(3), 1);
    expect(toSize(await readPool("grows"))).toBe(3);
    await compute.launch(three, samplePlan(2), 1);
    expect(toSize(await readPool("grows"))).toBe(3);
    await Promise.all([one, two, three].map((runId) => compute.release(runId, 1)));
  });

  test("is warmed before a run and deleted after it, each as often as asked", async () => {
    const settings = { BATCH_POOL_ID: "warm" };
    const { batchPool } = standIns.newServices(settings);
    await batchPool.prestage(2);
    await batchPool.prestage(1);
    expect(toSize(await readPool("warm"))).toBe(2);
    await batchPool.remove();
    await vi.waitFor(async () => {
      await expect(readPool("warm")).rejects.toMatchObject({ statusCode: 404 });
    });
    await batchPool.remove();
  });

  test("has the larger size when two runs make it at the same time", async () => {
    const [one, two] = [newRunId(), newRunId()];
    const settings = { BATCH_POOL_ID: "raced" };
    await Promise.all([
      open(settings).launch(one, samplePlan(3), 1),
      open(settings).launch(two, samplePlan(1), 1),
    ]);
    expect(toSize(await readPool("raced"))).toBe(3);
    await Promise.all([one, two].map((runId) => open(settings).release(runId, 1)));
  });

  test("without quota is said with the service's words, and asked again by the next launch", async () => {
    const compute = open({ BATCH_POOL_ID: "short" });
    const [one, two] = [newRunId(), newRunId()];
    standIns.batch().failAllocation({ code: "AccountCoreQuotaReached", message: "The account has 0 cores." });
    const handle = await compute.launch(one, samplePlan(1), 1);
    await vi.waitFor(async () => {
      await expect(compute.state(handle)).rejects.toMatchObject({
        code: "BatchQuotaExceeded",
        message: "The pool short gets no nodes: AccountCoreQuotaReached: The account has 0 cores.",
      });
    });
    standIns.batch().failAllocation(undefined);
    await compute.release(one, 1);
    await untilState(compute, await compute.launch(two, samplePlan(1), 1), "running");
    await compute.release(two, 1);
  });

  test("whose nodes are busy with another run lets this one wait", async () => {
    const compute = open({ BATCH_POOL_ID: "busy" });
    const [one, two] = [newRunId(), newRunId()];
    await untilState(compute, await compute.launch(one, samplePlan(1), 1), "running");
    standIns.batch().failAllocation({ code: "AllocationFailed", message: "Try another region." });
    const waiting = await compute.launch(two, samplePlan(2), 1);
    expect((await compute.state(waiting)).state).toBe("starting");
    standIns.batch().failAllocation(undefined);
    await Promise.all([one, two].map((runId) => compute.release(runId, 1)));
  });
});

describe("the tasks", () => {
  const data = () => {
    const { accountName, accountKey, url } = standIns.batch();
    return new BatchServiceClient(new BatchSharedKeyCredentials(accountName, accountKey), url);
  };

  test("are one per node, with settings and no secret", async () => {
    const [compute, runId] = [open(), newRunId()];
    const { jobId } = await compute.launch(runId, samplePlan(2), 1);
    const tasks = await data().task.list(jobId);
    const settings = tasks.map((task) =>
      Object.fromEntries((task.environmentSettings ?? []).map(({ name, value }) => [name, value])),
    );
    expect(settings).toMatchObject([
      { RUN_ID: runId, WORKER_ID: "worker-1", KEY_VAULT_URL: standIns.vault.url },
      { RUN_ID: runId, WORKER_ID: "worker-2", KEY_VAULT_URL: standIns.vault.url },
    ]);
    expect(settings[0]).toMatchObject({ AZURE_CLIENT_ID: standIns.settings.WORKER_IDENTITY_CLIENT_ID });
    const everything = JSON.stringify([tasks, await data().job.get(jobId)]);
    for (const secret of standIns.secretValues) expect(everything).not.toContain(secret);
    await compute.release(runId, 1);
  });

  test("of more nodes than one call takes are all there", async () => {
    const [compute, runId] = [open({ BATCH_POOL_ID: "many" }), newRunId()];
    standIns.batch().failAllocation({ code: "AllocationFailed", message: "No nodes for this test." });
    const { jobId } = await compute.launch(runId, samplePlan(101), 1);
    const { taskCounts } = await data().job.getTaskCounts(jobId);
    expect(taskCounts.active).toBe(101);
    await compute.release(runId, 1);
    // Before it may have nodes again: 101 of them.
    await management().poolOperations.beginDeleteAndWait("g", standIns.batch().accountName, "many");
    standIns.batch().failAllocation(undefined);
    await expect(compute.launch(newRunId(), samplePlan(201), 1)).rejects.toMatchObject({
      code: "PoolRefused",
      message: expect.stringContaining("over the 200 nodes") as string,
    });
  });

  test("of a launch that broke off are completed by the next try", async () => {
    const [compute, runId] = [open(), newRunId()];
    const { jobId } = await compute.launch(runId, samplePlan(2), 1);
    await data().task.deleteMethod(jobId, "worker-2");
    await compute.launch(runId, samplePlan(2), 1);
    expect((await data().task.list(jobId)).map(({ id }) => id).sort()).toEqual(["worker-1", "worker-2"]);
    await compute.release(runId, 1);
  });

  test("that end by themselves leave an ended job", async () => {
    const [compute, runId] = [open({ WORKER_COMMAND: "true" }), newRunId()];
    await untilState(compute, await compute.launch(runId, samplePlan(2), 1), "ended");
    await compute.release(runId, 1);
  });

  test("that fail after they started leave an ended job too: their targets are for the next round", async () => {
    const [compute, runId] = [open({ WORKER_COMMAND: "false" }), newRunId()];
    await untilState(compute, await compute.launch(runId, samplePlan(1), 1), "ended");
    await compute.release(runId, 1);
  });

  test("that cannot start at all fail the run, with the reason", async () => {
    const [compute, runId] = [open({ WORKER_COMMAND: "/no/such/worker" }), newRunId()];
    const handle = await compute.launch(runId, samplePlan(2), 1);
    await vi.waitFor(
      async () => {
        await expect(compute.state(handle)).rejects.toMatchObject({
          code: "ComputeFailed",
          message: expect.stringMatching(
            /^Batch could not start the workers: CommandProgramNotFound: /,
          ) as string,
        });
      },
      { timeout: 5_000 },
    );
    await compute.release(runId, 1);
  });

  test("are refused with a wrong key, which is not told", async () => {
    const { secrets } = standIns.newServices();
    const wrong = Buffer.from("a wrong key").toString("base64");
    await secrets.write("BatchAccountKey", wrong);
    const failure = (await open()
      .launch(newRunId(), samplePlan(1), 1)
      .catch((error: unknown) => error)) as Error;
    await secrets.write("BatchAccountKey", standIns.batch().accountKey);
    expect(failure).toMatchObject({ code: "ServiceUnavailable" });
    expect(failure.message).toMatch(/^Azure Batch: AuthenticationFailed: Server failed to authenticate/);
    expect(failure.message).not.toContain(wrong);
  });
});

const toSize = (pool: { scaleSettings?: { fixedScale?: { targetDedicatedNodes?: number } } }) =>
  pool.scaleSettings?.fixedScale?.targetDedicatedNodes;
