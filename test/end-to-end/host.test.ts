import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../local/root.ts";
import { isOver, poll, startTestStack, type TestStack } from "../support/test-stack.ts";

const run = promisify(execFile);
let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ databases: 12 });
  await stack.upload(
    "slow",
    "WAITFOR DELAY '00:00:02';\nINSERT INTO dbo.TransactionTest VALUES ('x', NEWID(), GETDATE());",
  );
});
afterAll(async () => {
  await stack.stop();
});

const countRows = "SELECT COUNT(*) AS n FROM dbo.TransactionTest";

interface Management {
  readonly statusQueryGetUri: string;
  readonly terminatePostUri: string;
}

describe("the Functions host", () => {
  it("killed midway and started again takes the run up where it was", async () => {
    const runId = await stack.start("slow", 12, {
      compute: { kind: "batch", nodes: 2 },
      concurrency: { limit: 2 },
    });
    await stack.until(runId, ({ targets }) => (targets["running"] ?? 0) > 0);
    await stack.restartHost();
    const over = await stack.until(runId, isOver, 120);
    expect(over).toMatchObject({ state: "succeeded", targets: { committed: 12 } });
    for (const database of stack.databases)
      expect(await stack.query(database, countRows)).toEqual([{ n: 1 }]);
  }, 180_000);

  it("keeps every orchestration's history small", async () => {
    const reply = await stack.call(
      "POST",
      "/runs",
      JSON.stringify({ package: "slow", targets: { cfg: firstTarget() } }),
    );
    const { statusQueryGetUri } = reply.body["durable"] as Management;
    await stack.until(String(reply.body["id"]), isOver);
    const url = new URL(statusQueryGetUri);
    url.searchParams.set("showHistory", "true");
    const { history } = (await (await fetch(url)).json()) as { history: unknown[] };
    expect(history.length).toBeGreaterThan(10);
    expect(history.length).toBeLessThan(120);
  }, 60_000);

  it("sweeps a run whose orchestration was terminated: cleaned up, closed, and it says so", async () => {
    const cfg = stack.databases.map(({ server, name }) => `${server}:client,${name}`).join("\n");
    const reply = await stack.call("POST", "/runs", JSON.stringify({ package: "slow", targets: { cfg } }));
    const runId = String(reply.body["id"]);
    const { terminatePostUri } = reply.body["durable"] as Management;
    await stack.until(runId, ({ state }) => state === "running");
    expect((await fetch(terminatePostUri.replace("{text}", "test"), { method: "POST" })).status).toBe(202);
    await poll(
      () => sweep(),
      ({ status }) => status === 202,
      10,
    );
    const over = await poll(
      async () => {
        await sweep();
        return (await stack.call("GET", `/runs/${runId}`)).body as {
          state: string;
          failure?: { code: string };
        };
      },
      ({ state }) => state === "failed",
      100,
    );
    expect(over.failure?.code).toBe("RunInterrupted");
    await poll(
      () => stack.batch.running().filter(({ jobId }) => jobId.includes(runId)).length,
      (n) => n === 0,
      20,
    );
  }, 150_000);

  function firstTarget(): string {
    const { server, name } = stack.databases[0]!;
    return `${server}:client,${name}`;
  }

  /** What an operator does by hand: the timer's function, through the host's admin route. */
  function sweep(): Promise<Response> {
    const url = stack.file.api.replace("/api", "/admin/functions/sweepRuns");
    const headers = { "x-functions-key": stack.file.masterKey, "content-type": "application/json" };
    return fetch(url, { method: "POST", headers, body: "{}" });
  }
});

describe("what npm run build makes", () => {
  it("is an app that runs a release", async () => {
    const outDir = join(root, ".local", `dist-${process.pid}`);
    await using undo = new AsyncDisposableStack();
    undo.defer(() => rm(outDir, { recursive: true, force: true }));
    await run("tsc", ["-p", "tsconfig.build.json", "--outDir", outDir], { cwd: root });
    const worker = `${process.execPath} ${join(outDir, "worker", "main.js")}`;
    const built = await startTestStack({
      databases: 2,
      app: join(outDir, "functions", "*.js"),
      settings: { WORKER_COMMAND: worker },
    });
    undo.defer(() => built.stop());
    await built.upload("one", "INSERT INTO dbo.TransactionTest VALUES ('x', NEWID(), GETDATE());");
    const over = await built.until(await built.start("one", 2), isOver);
    expect(over).toMatchObject({ state: "succeeded", targets: { committed: 2 } });
  }, 120_000);
});
