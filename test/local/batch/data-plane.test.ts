import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type LocalBatch, startLocalBatch } from "./local-batch.ts";

/** What Microsoft's tools ask of an account besides what sqlfleet does. */

const patience = { timeout: 8_000, interval: 20 };
let local: LocalBatch;
beforeAll(async () => {
  local = await startLocalBatch();
});
afterAll(() => local.stop());

const machine = {
  imageReference: { publisher: "canonical", offer: "ubuntu", sku: "22_04" },
  nodeAgentSKUId: "batch.node.ubuntu 22.04",
};
const gone = async (poolId: string): Promise<void> => {
  await vi.waitFor(async () => {
    expect((await local.byKey().pool.list()).map(({ id }) => id)).not.toContain(poolId);
  }, patience);
};

test("a pool is made, changed, resized and deleted through the data plane", async () => {
  const { pool } = local.byKey();
  const given = { id: "data", vmSize: "STANDARD_D2S_V3", virtualMachineConfiguration: machine };
  await pool.add({ ...given, targetDedicatedNodes: 1, metadata: [{ name: "a", value: "1" }] });
  await expect(pool.add(given)).rejects.toMatchObject({ statusCode: 409, code: "PoolExists" });
  await vi.waitFor(async () => {
    const counts = await local.byKey().account.listPoolNodeCounts({
      accountListPoolNodeCountsOptions: { filter: "poolId eq 'data'" },
    });
    expect(counts).toHaveLength(1);
    expect(counts[0]).toMatchObject({ dedicated: { idle: 1, total: 1 }, lowPriority: { total: 0 } });
  }, patience);

  await pool.patch("data", { startTask: { commandLine: "true" }, metadata: [{ name: "a", value: "2" }] });
  expect(await pool.get("data")).toMatchObject({
    startTask: { commandLine: "true" },
    metadata: [{ name: "a", value: "2" }],
    ...{ targetDedicatedNodes: 1, virtualMachineConfiguration: machine },
  });
  await pool.resize("data", { targetDedicatedNodes: 0 });
  await vi.waitFor(async () => {
    expect((await pool.get("data")).currentDedicatedNodes).toBe(0);
  }, patience);
  const managed = await local.management().poolOperations.get("g", local.batch.accountName, "data");
  expect(managed.scaleSettings?.fixedScale).toMatchObject({ targetDedicatedNodes: 0 });

  await pool.deleteMethod("data");
  await gone("data");
  await expect(pool.deleteMethod("data")).rejects.toMatchObject({ statusCode: 404, code: "PoolNotFound" });
});

test("a formula may size a pool of the data plane", async () => {
  const given = { id: "formula", vmSize: "STANDARD_D2S_V3", virtualMachineConfiguration: machine };
  const formula = { enableAutoScale: true, autoScaleFormula: "$TargetDedicatedNodes = 1;" };
  await local.byKey().pool.add({ ...given, ...formula });
  expect(await local.byKey().pool.get("formula")).toMatchObject({ ...formula, targetDedicatedNodes: 1 });
  await local.byKey().pool.deleteMethod("formula");
  await gone("formula");
});

test.each(["requeue", "terminate", "wait"] as const)("a job is disabled (%s) and enabled", async (how) => {
  const poolId = await local.newPool(1);
  const { job, task } = local.byKey();
  const id = await local.addTask(poolId, `sleep ${how === "wait" ? 0.3 : 60}`);
  await local.processOf(id);
  await job.disable(id, how);
  await vi.waitFor(async () => {
    expect((await job.get(id)).state).toBe("disabled");
  }, patience);
  expect(local.batch.running().filter(({ jobId }) => jobId === id)).toEqual([]);
  const before = await task.get(id, "task");
  expect(before.state).toBe(how === "requeue" ? "active" : "completed");
  expect(before.executionInfo?.result).toBe(
    { requeue: undefined, terminate: "failure", wait: "success" }[how],
  );
  await task.add(id, { id: "later", commandLine: "true" });
  expect((await task.get(id, "later")).state).toBe("active");

  await job.enable(id);
  expect((await job.get(id)).state).toBe("active");
  // A task that went back to the queue runs again, before the later one.
  if (how === "requeue") {
    await local.processOf(id);
    await task.terminate(id, "task");
  }
  await vi.waitFor(async () => {
    expect((await task.get(id, "later")).state).toBe("completed");
  }, patience);
  await job.disable(id, "wait");
  await job.terminate(id);
  await vi.waitFor(async () => {
    expect((await job.get(id)).state).toBe("completed");
  }, patience);
  await expect(job.enable(id)).rejects.toMatchObject({ statusCode: 409, code: "JobCompleted" });
  await local.dropPool(poolId);
});

test("the files of a node are listed and read", async () => {
  const poolId = await local.newPool(1, { startTask: { commandLine: "echo started" } });
  const job = await local.addTask(poolId, "echo hello");
  const { computeNode, file, task } = local.byKey();
  await vi.waitFor(async () => {
    expect((await task.get(job, "task")).state).toBe("completed");
  }, patience);
  const [node] = await computeNode.list(poolId);
  const id = node!.id!;
  const names = (recursive: boolean): Promise<string[]> =>
    file.listFromComputeNode(poolId, id, { recursive }).then((files) => files.map(({ name }) => name!));
  expect(await names(false)).toEqual(expect.arrayContaining(["shared", "startup", "workitems"]));
  const output = `workitems/${job}/job-1/task/stdout.txt`;
  expect(await names(true)).toEqual(expect.arrayContaining([output, "startup/stdout.txt"]));
  const { readableStreamBody } = await file.getFromComputeNode(poolId, id, output);
  let text = "";
  for await (const chunk of readableStreamBody!) text += String(chunk);
  expect(text).toBe("hello\n");
  const properties = await file.getPropertiesFromComputeNode(poolId, id, "startup/stdout.txt");
  expect(properties).toMatchObject({ contentLength: 8, ocpBatchFileIsdirectory: false });
  await expect(file.getFromComputeNode(poolId, id, "../other")).rejects.toMatchObject({ statusCode: 404 });
  await local.dropPool(poolId);
});

test("images are listed by a filter", async () => {
  const all = await local.byKey().account.listSupportedImages();
  expect(all.length).toBeGreaterThan(1);
  const agent = "batch.node.ubuntu 24.04";
  const some = await local.byKey().account.listSupportedImages({
    accountListSupportedImagesOptions: { filter: `nodeAgentSKUId eq '${agent}'` },
  });
  expect(some.map(({ nodeAgentSKUId, osType }) => [nodeAgentSKUId, osType])).toEqual([[agent, "linux"]]);
});

test("the account is shown, and both its keys sign", async () => {
  const { accountName, accountKey, url } = local.batch;
  const { batchAccountOperations: accounts } = local.management();
  const account = await accounts.get("g", accountName);
  expect(account).toMatchObject({ name: accountName, provisioningState: "Succeeded" });
  expect(`https://${account.accountEndpoint ?? ""}`).toBe(url);
  const listed = await accounts.listByResourceGroup("g").next();
  expect(listed.value).toMatchObject({ id: account.id });
  const keys = await accounts.getKeys("g", accountName);
  expect(keys).toMatchObject({ accountName, primary: accountKey });
  expect(Array.isArray(await local.byKey(keys.secondary).job.list())).toBe(true);
  await expect(accounts.get("g", "elsewhere")).rejects.toMatchObject({ code: "ResourceNotFound" });
  await expect(
    local.management(local.worker).batchAccountOperations.getKeys("g", accountName),
  ).rejects.toMatchObject({ statusCode: 403 });
});

test("every answer has the service's headers, and the client's id when that is wanted", async () => {
  const ask = async (headers: Record<string, string>): Promise<Headers> =>
    (await fetch(`${local.batch.url}/jobs`, { headers })).headers;
  const mine = { "client-request-id": "00000000-0000-0000-0000-000000000001" };
  const wanted = await ask({ ...mine, "return-client-request-id": "true" });
  expect(wanted.get("dataserviceversion")).toBe("3.0");
  expect(wanted.get("request-id")).toMatch(/^[\da-f-]{36}$/);
  expect(wanted.get("client-request-id")).toBe(mine["client-request-id"]);
  expect((await ask(mine)).get("client-request-id")).toBeNull();
});
