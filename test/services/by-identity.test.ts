import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { newRunId } from "../support/sample-run.ts";
import { startStandIns, type StandIns } from "../support/stand-ins.ts";
import { describeCompute, samplePlan } from "./contract/ports/compute.ts";
import { describeFiles } from "./contract/ports/files.ts";
import { describeProgressStore } from "./contract/ports/progress-store.ts";
import { describeRuns } from "./contract/ports/runs.ts";
import { describeTargetTopic, toMessages } from "./contract/ports/target-topic.ts";

/** The same contracts as with secrets; here the vault holds none that would open anything. */
let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true, serviceBus: true, batch: true });
  const { secrets } = standIns.newServices();
  const names = ["StorageAccountKey", "ServiceBusTopicConnectionString", "BatchAccountKey"] as const;
  for (const name of names) await secrets.write(name, "opens nothing");
});
afterAll(() => standIns.stop());

const open = () => standIns.newServices(standIns.byIdentity);

describeFiles("Blob Storage by identity", () => open().files);
describeRuns("Table Storage by identity", () => open().runs);
describeProgressStore("Table Storage by identity", () => open().progress);
describeTargetTopic("Service Bus by identity", () => open().topic);
describeCompute("Azure Batch by identity", {
  open: () => open().compute.batch,
  toPlan: samplePlan,
  countWorkers: ({ jobId }) =>
    standIns
      .batch()
      .running()
      .filter((task) => task.jobId === jobId).length,
});

describe("an identity without the role", () => {
  afterEach(() => {
    standIns.assignServiceBus(["manage", "send", "listen"]);
  });

  test("is RoleMissing: no subscription is made by a Data Receiver, nothing sent", async () => {
    const runId = newRunId();
    standIns.assignServiceBus(["listen"]);
    const { topic } = open();
    await expect(topic.subscribe(runId)).rejects.toMatchObject({ code: "RoleMissing", status: 503 });
    await expect(topic.send(toMessages(runId, 1))).rejects.toMatchObject({ code: "RoleMissing" });
  }, 60_000);
});

test("an identity this host does not have is IdentityUnknown, whichever service asked for its token", async () => {
  const { files, runs, topic, compute, secrets } = standIns.newServices({
    ...standIns.byIdentity,
    ...{ AZURE_IDENTITY: "managed", AZURE_CLIENT_ID: randomUUID() },
  });
  const runId = newRunId();
  const acts = [
    () => secrets.read("UserName"),
    () => files.read("state", "a"),
    () => runs.read(runId),
    () => topic.subscribe(runId),
    () => topic.send(toMessages(runId, 1)),
    () => compute.batch.launch(runId, samplePlan(1), 1),
    () => compute.batch.release(runId, 1),
  ];
  for (const act of acts) await expect(act()).rejects.toMatchObject({ code: "IdentityUnknown" });
}, 60_000);
