import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { describeBatch } from "../../services/contract/batch.ts";
import { type LocalBatch, startLocalBatch } from "./local-batch.ts";

const patience = { timeout: 8_000, interval: 20 };
let local: LocalBatch;
beforeAll(async () => {
  local = await startLocalBatch();
});
afterAll(() => local.stop());

describeBatch("local stand-in", () => ({
  management: local.management(),
  data: local.byKey(),
  resourceGroup: "g",
  accountName: local.batch.accountName,
  pool: local.pool(2),
  patience: 8_000,
}));

describe("the local Batch account: who may", () => {
  test("a wrong key, a wrong account and no key are refused", async () => {
    const wrong = Buffer.from("wrong").toString("base64");
    const refused = { statusCode: 403, code: "AuthenticationFailed" };
    await expect(local.byKey(wrong).job.list()).rejects.toMatchObject(refused);
    await expect(local.byKey(undefined, "elsewhere").job.list()).rejects.toMatchObject(refused);
    expect((await fetch(`${local.batch.url}/jobs`)).status).toBe(401);
  });

  test("a token for Batch opens the data plane, one for another resource does not", async () => {
    expect(Array.isArray(await local.byToken(local.operator).job.list())).toBe(true);
    const other = local.byToken(local.operator, "https://management.azure.com/.default");
    await expect(other.job.list()).rejects.toMatchObject({ statusCode: 403, code: "AuthenticationFailed" });
  });

  test("an identity without a role reaches neither plane", async () => {
    const list = local
      .management(local.worker)
      .poolOperations.listByBatchAccount("g", local.batch.accountName);
    await expect(list.next()).rejects.toMatchObject({ statusCode: 403, code: "AuthorizationFailed" });
    await expect(local.byToken(local.worker).job.list()).rejects.toMatchObject({ statusCode: 403 });
  });

  test("a task has the node's environment and nothing of this process", async () => {
    process.env["ONLY_OF_THE_STACK"] = "secret";
    const poolId = await local.newPool(1);
    const job = await local.addTask(poolId, "env");
    await vi.waitFor(async () => {
      expect((await local.byKey().task.get(job, "task")).state).toBe("completed");
    }, patience);
    const { readableStreamBody } = await local.byKey().file.getFromTask(job, "task", "stdout.txt");
    let text = "";
    for await (const chunk of readableStreamBody ?? []) text += String(chunk);
    expect(text).toMatch(new RegExp(`^NODE_FACTS=tvmps_\\S+ ${local.worker.resourceId}$`, "m"));
    expect(text).not.toContain("ONLY_OF_THE_STACK");
    const names = text
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0] ?? "");
    expect(names.filter((name) => !name.startsWith("AZ_BATCH_")).sort()).toEqual(["NODE_FACTS", "PATH"]);
    await local.dropPool(poolId);
  });

  test("what is not imitated is refused by name", async () => {
    await expect(local.newPool(0, { mountConfiguration: [] })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining("mountConfiguration") as string,
    });
    const poolId = await local.newPool(0);
    const add = local.byKey().job.add({
      id: "managed",
      poolInfo: { poolId },
      jobManagerTask: { id: "m", commandLine: "x" },
    });
    await expect(add).rejects.toMatchObject({ code: "UnsupportedByLocalStack" });
    await local.dropPool(poolId);
  });
});
