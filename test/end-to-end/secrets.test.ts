import { readFile } from "node:fs/promises";
import { afterEach, expect, it } from "vitest";
import { type Place, readFiles, readProcesses } from "../support/places.ts";
import { isOver, poll, startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack | undefined;
afterEach(async () => {
  await stack?.stop();
  stack = undefined;
});

/** Values nobody else uses: what is found of them has leaked. The stack has them in every mode. */
function toCanaries({ file }: TestStack): readonly (readonly [string, string])[] {
  return [
    ["StorageAccountKey", file.storage.key],
    ["BatchAccountKey", file.batch.key],
    ["Password", file.sql[0]?.password ?? ""],
    ["EventHubConnectionString", toSecretPart(file.eventHubs.connectionString)],
    ["ServiceBusTopicConnectionString", toSecretPart(file.serviceBus.connectionString)],
  ];
}

/** A connection string is no secret but for its key. */
function toSecretPart(value: string): string {
  return /SharedAccessKey=([^;]+)/.exec(value)?.[1] ?? value;
}

/** A run that works and one that fails; then everything they may have left something in. */
async function runAndLook(running: TestStack): Promise<readonly Place[]> {
  await running.upload("insert", "INSERT INTO dbo.TransactionTest VALUES ('canary', NEWID(), GETDATE());");
  await running.upload("fails", "INSERT INTO dbo.NoSuchTable VALUES (1);");
  const seen: Place[] = [];
  for (const [name, state] of [
    ["insert", "succeeded"],
    ["fails", "completedWithErrors"],
  ] as const) {
    const runId = await running.start(name, 4);
    await poll(
      () => running.batch.running(),
      (tasks) => tasks.length > 0,
      30,
    );
    seen.push({ place: "command lines", content: await readProcesses("cmdline") });
    seen.push({ place: "environments of workers", content: await readWorkers(running) });
    expect((await running.until(runId, isOver)).state).toBe(state);
  }
  const answers = [await running.call("GET", "/secrets"), await running.call("GET", "/runs")];
  return [
    ...seen,
    ...(await readFiles(running.folder)),
    { place: "the host's log", content: running.output.join("\n") },
    { place: "answers", content: answers.map(({ text }) => text).join("\n") },
  ];
}

function findLeaks(running: TestStack, places: readonly Place[]): readonly string[] {
  return toCanaries(running).flatMap(([name, value]) =>
    places.filter(({ content }) => content.includes(value)).map(({ place }) => `${name} in ${place}`),
  );
}

it("a secret's value is in the Key Vault and nowhere else", async () => {
  stack = await startTestStack({ databases: 4 });
  const places = await runAndLook(stack);
  expect(places.length).toBeGreaterThan(10);
  expect(findLeaks(stack, places)).toEqual([]);
}, 120_000);

it("in identity-only mode no secret is stored at all, not even in the host's environment", async () => {
  stack = await startTestStack({ databases: 4, identityOnly: true });
  const places = await runAndLook(stack);
  const environments = await readProcesses("environ", (text) => !/AZURITE_ACCOUNTS=|SQL_OPTIONS=/.test(text));
  expect(findLeaks(stack, [...places, { place: "environments", content: environments }])).toEqual([]);
  expect((await stack.call("GET", "/secrets")).body).toMatchObject({ secrets: [] });
}, 120_000);

/** Of the Function App and of the workers. */
const toClientIds = ({ file }: TestStack): readonly string[] =>
  [file.identity.functionApp, file.identity.worker].map((env) => env["AZURE_CLIENT_ID"] ?? "");

it("a run whose workers would lack a secret is refused before anything is made", async () => {
  stack = await startTestStack({ databases: 2, identityOnly: true });
  await stack.upload("insert", "SELECT 1;");
  await stack.call("PUT", "/secrets", JSON.stringify({ UserName: "sa" }));
  const compute = { kind: "batch", nodes: 1 };
  const run = { package: "insert", targets: { cfg: "localhost:client,db" }, compute };
  const { status, body } = await stack.call("POST", "/runs", JSON.stringify(run));
  expect([status, body]).toMatchObject([
    503,
    { error: { code: "SecretMissing", message: "The Key Vault lacks what workers need: Password." } },
  ]);
  expect((await stack.call("GET", "/runs")).body).toMatchObject({ runs: [] });
}, 60_000);

it.each(["batch", "kubernetes"])(
  "workers on %s that cannot start fail the run, which says why, and that no target was begun",
  async (kind) => {
    const settings = { ROLE_PROPAGATION_SECONDS: "1" };
    stack = await startTestStack({ databases: 2, identityOnly: true, settings });
    await stack.call("PUT", "/secrets", JSON.stringify({ UserName: "sa", Password: "of nobody" }));
    const [app] = toClientIds(stack);
    stack.keyVault.assign([{ clientId: app ?? "", permissions: "readWrite" }]);
    await stack.upload("insert", "INSERT INTO dbo.TransactionTest VALUES ('s', NEWID(), GETDATE());");
    const size = kind === "batch" ? { nodes: 1 } : { pods: 1 };
    const more = { compute: { kind, ...size }, auth: { kind: "Password" } };
    const run = await stack.until(await stack.start("insert", 2, more), isOver);
    expect(run).toMatchObject({
      state: "failed",
      failure: {
        code: "WorkersCouldNotStart",
        message: expect.stringContaining("could not start: SecretForbidden: The Key Vault refused") as string,
      },
      targets: { cancelled: 2, lost: 0 },
    });
    const { text } = await stack.call("GET", `/runs/${run.id}/logs/errors.log`);
    expect(text.match(/\tcancelled\tNeverBegun\t/g)).toHaveLength(2);
  },
  120_000,
);

it("a password rotated in mid-run does not break it: a worker keeps the version it read at its start", async () => {
  stack = await startTestStack({ databases: 4 });
  await stack.upload(
    "slow",
    "WAITFOR DELAY '00:00:01'; INSERT INTO dbo.TransactionTest VALUES ('r', NEWID(), GETDATE());",
  );
  const more = { compute: { kind: "batch", nodes: 1 }, concurrency: { type: "Count", limit: 1 } };
  const runId = await stack.start("slow", 4, more);
  await stack.until(runId, ({ targets }) => (targets["running"] ?? 0) > 0);
  const put = await stack.call("PUT", "/secrets", JSON.stringify({ Password: "of another login" }));
  expect(put.status).toBe(200);
  const run = await stack.until(runId, isOver);
  expect(run).toMatchObject({ state: "succeeded", targets: { committed: 4 } });
}, 120_000);

it("a worker waits for a role that is still propagating, and says so", async () => {
  stack = await startTestStack({ databases: 2 });
  const { keyVault, folder } = stack;
  const [app = "", worker = ""] = toClientIds(stack);
  keyVault.assign([{ clientId: app, permissions: "readWrite" }]);
  await stack.upload("insert", "INSERT INTO dbo.TransactionTest VALUES ('late', NEWID(), GETDATE());");
  const runId = await stack.start("insert", 2, { compute: { kind: "batch", nodes: 1 } });
  const waiting = await poll(
    async () => (await readFiles(folder)).find(({ content }) => content.includes('"id":"WorkerWaiting"')),
    (found) => found !== undefined,
    30,
  );
  expect(waiting?.content).toMatch(/SecretForbidden.*may still be propagating/);
  keyVault.assign([
    { clientId: app, permissions: "readWrite" },
    { clientId: worker, permissions: "read" },
  ]);
  expect(await stack.until(runId, isOver)).toMatchObject({ state: "succeeded", targets: { committed: 2 } });
}, 120_000);

async function readWorkers({ batch }: TestStack): Promise<string> {
  const pids = batch.running().map(({ pid }) => pid);
  return (
    await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, "latin1").catch(() => "")))
  ).join("\n");
}
