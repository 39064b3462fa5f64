import { describe, expect, test } from "vitest";
import { toWorkerSource } from "../../model/batch-settings.ts";
import { FunctionSettings, parseSettings } from "../../model/settings.ts";

const parse = (env: Readonly<Record<string, string>>): FunctionSettings =>
  parseSettings(FunctionSettings, { KEY_VAULT_URL: "https://v.vault.azure.net", ...env });

const image = { WORKER_IMAGE: "r.azurecr.io/worker:1" };
const startTask = { BATCH_START_TASK: "sh install.sh" };

describe("what brings the worker to a node", () => {
  test.each([
    [image, "image"],
    [startTask, "start-task"],
    [{}, "vm"],
    [{ ...image, ...startTask, BATCH_WORKER: "start-task" }, "start-task"],
  ])("%j: %s", (env, source) => {
    expect(toWorkerSource(parse(env))).toBe(source);
  });
});

describe("settings that contradict each other are refused when they are read", () => {
  test.each([
    [{ ...image, ...startTask }, "BATCH_WORKER: WORKER_IMAGE and BATCH_START_TASK are both set"],
    [{ BATCH_WORKER: "image" }, "BATCH_WORKER: is image, and WORKER_IMAGE is not set"],
    [{ ...image, ...startTask, BATCH_WORKER: "image" }, "BATCH_START_TASK: is set, and BATCH_WORKER says"],
    [{ ...image, BATCH_WORKER: "start-task" }, "BATCH_WORKER: is start-task, and BATCH_START_TASK is not"],
    [{ BATCH_VM_IMAGE: "canonical:ubuntu:22_04:latest" }, "BATCH_NODE_AGENT: goes with BATCH_VM_IMAGE"],
    [{ BATCH_NODE_AGENT: "batch.node.ubuntu 22.04" }, "BATCH_NODE_AGENT: goes with BATCH_VM_IMAGE"],
    [{ BATCH_VM_IMAGE: "ubuntu", BATCH_NODE_AGENT: "x" }, "BATCH_VM_IMAGE: is publisher:offer:sku:version"],
    [{ BATCH_PUBLIC_IP: "none" }, "BATCH_SUBNET_ID: is missing"],
    [{ BATCH_SCALE_MINUTES: "4" }, "BATCH_SCALE_MINUTES: "],
    [{ BATCH_SPOT_PERCENT: "101" }, "BATCH_SPOT_PERCENT: "],
  ])("%j", (env, text) => {
    expect(() => parse(env)).toThrow(text);
  });

  test.each([
    "curl https://a.blob.core.windows.net/c/worker.tgz?sv=2024&sig=abc",
    "install --connection AccountName=a;AccountKey=abc",
    "install Password=abc",
  ])("a start task with what looks like a secret: %s", (BATCH_START_TASK) => {
    expect(() => parse({ BATCH_START_TASK })).toThrow("BATCH_START_TASK: holds what looks like a secret");
    expect(() => parse({ WORKER_COMMAND: BATCH_START_TASK })).toThrow(
      "WORKER_COMMAND: holds what looks like",
    );
  });
});
