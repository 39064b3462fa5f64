import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOver, poll, startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ databases: 24 });
});
afterAll(async () => {
  await stack.stop();
});

const markerTable =
  "IF OBJECT_ID('dbo.Marker') IS NULL CREATE TABLE dbo.Marker (RunAt datetime2 NOT NULL);\nGO\n";
const marker = `${markerTable}INSERT INTO dbo.Marker (RunAt) VALUES (SYSUTCDATETIME());`;
const countMarkers = "SELECT COUNT(*) AS n FROM dbo.Marker";

async function countRows(index: number): Promise<unknown> {
  const database = stack.databases[index]!;
  const [there] = await stack.query(database, "SELECT OBJECT_ID('dbo.Marker') AS id");
  if (there?.["id"] === null) return 0;
  return (await stack.query(database, countMarkers))[0]?.["n"];
}

describe("a run", () => {
  it("commits every target once, and leaves logs and a report", async () => {
    await stack.upload("marker", marker);
    const runId = await stack.start("marker", 4, { compute: { kind: "batch", nodes: 2 } });
    const run = await stack.until(runId, isOver);
    expect(run).toMatchObject({
      state: "succeeded",
      targets: { total: 4, committed: 4, queued: 0, running: 0 },
    });
    for (let index = 0; index < 4; index += 1) expect(await countRows(index)).toBe(1);

    const targets = (await stack.call("GET", `/runs/${runId}/targets?state=committed`)).body["targets"];
    expect(targets).toHaveLength(4);
    const { files } = (await stack.call("GET", `/runs/${runId}/logs`)).body as {
      files: { path: string; link: string }[];
    };
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(["commits.log", "errors.log", "failure.cfg", "success.cfg", "summary.json"]),
    );
    const log = files.find(({ path }) => path.startsWith("logs/"));
    expect((await stack.call("GET", log!.link.replace("/api", ""))).text).toContain("marker.sql");
    expect((await stack.call("GET", `/runs/${runId}/logs/success.cfg`)).text.trim().split("\n")).toHaveLength(
      4,
    );
  });

  it("writes sbm's log table in the same transaction", async () => {
    const rows = await stack.query(
      stack.databases[0]!,
      "SELECT ScriptFileName, ScriptFileHash, TargetDatabase FROM dbo.SqlBuild_Logging",
    );
    expect(rows).toEqual([
      {
        ScriptFileName: "marker.sql",
        ScriptFileHash: expect.stringMatching(/^[0-9A-F]{40}$/),
        TargetDatabase: stack.databases[0]!.name,
      },
    ]);
  });

  it("rolls back what fails, with SQL Server's number and text, and commits the rest", async () => {
    await stack.query(
      stack.databases[5]!,
      "INSERT INTO dbo.Customer (Name, CreditLimit) VALUES (N'Owes us', -1)",
    );
    const check = "ALTER TABLE dbo.Customer ADD CONSTRAINT CK_Limit CHECK (CreditLimit >= 0);";
    await stack.upload("check", `${marker}\nGO\n${check}`);
    const cfg = [4, 5, 6]
      .map((index) => `${stack.databases[index]!.server}:client,${stack.databases[index]!.name}#ring1`)
      .join("\n");
    const reply = await stack.call("POST", "/runs", JSON.stringify({ package: "check", targets: { cfg } }));
    const runId = String(reply.body["id"]);
    const run = await stack.until(runId, isOver);
    expect(run).toMatchObject({ state: "completedWithErrors", targets: { committed: 2, rolledBack: 1 } });

    const [target] = (await stack.call("GET", `/runs/${runId}/targets?state=rolledBack`)).body["targets"] as [
      Record<string, unknown>,
    ];
    expect(target["error"]).toMatchObject({ code: "SqlFailed", number: 547, script: "check.sql", line: 5 });
    expect((target["error"] as { message: string }).message).toContain("CK_Limit");
    expect(await countRows(5)).toBe(0);
    expect([await countRows(4), await countRows(6)]).toEqual([1, 1]);
    const failed = (await stack.call("GET", `/runs/${runId}/logs/failure.cfg`)).text;
    expect(failed).toBe(`${stack.databases[5]!.server}:client,${stack.databases[5]!.name}#ring1\n`);
  });

  it("in trial mode changes nothing and says so", async () => {
    await stack.upload("trial", marker);
    const cfg = `${stack.databases[7]!.server}:client,${stack.databases[7]!.name}`;
    const reply = await stack.call(
      "POST",
      "/runs",
      JSON.stringify({ package: "trial", targets: { cfg }, mode: "trial" }),
    );
    const run = await stack.until(String(reply.body["id"]), isOver);
    expect(run).toMatchObject({ state: "succeeded", targets: { trialRolledBack: 1 } });
    expect(await countRows(7)).toBe(0);
  });

  it("runs sbm's own packages: known hashes, two databases of one target", async () => {
    for (const [name, hash] of [
      ["SimpleSelect_DoubleClient", "D11EC16B42974E9B412281A63B8911C49084BEC8"],
      ["InsertForThreadedTest", undefined],
    ] as const) {
      const bytes = await readFile(join(import.meta.dirname, "..", "fixtures", "sbm", `${name}.sbm`));
      const manifest = (await stack.call("PUT", `/packages/${name}`, bytes)).body as {
        scripts: { legacySha1: string }[];
      };
      if (hash) expect(manifest.scripts.map(({ legacySha1 }) => legacySha1)).toEqual([hash, hash]);
    }
    const [first, second, third] = stack.databases.slice(8, 11);
    const runs = [
      {
        package: "SimpleSelect_DoubleClient",
        cfg: `${first!.server}:Client,${first!.name};Client2,${second!.name}`,
      },
      { package: "InsertForThreadedTest", cfg: `${third!.server}:SqlBuildTest,${third!.name}` },
    ];
    for (const { package: name, cfg } of runs) {
      const reply = await stack.call("POST", "/runs", JSON.stringify({ package: name, targets: { cfg } }));
      const run = await stack.until(String(reply.body["id"]), isOver);
      expect(run).toMatchObject({ state: "succeeded", targets: { committed: 1 } });
    }
    const [row] = await stack.query(third!, "SELECT COUNT(*) AS n FROM dbo.TransactionTest");
    expect(row?.["n"]).toBe(1);
  });
});

describe("cancel", () => {
  it("begins nothing new, ends what is in hand, and cleans up", async () => {
    await stack.upload(
      "slow",
      `${markerTable}WAITFOR DELAY '00:00:02';\nINSERT INTO dbo.Marker (RunAt) VALUES (SYSUTCDATETIME());`,
    );
    const runId = await stack.start("slow", 24, {
      compute: { kind: "batch", nodes: 2 },
      concurrency: { limit: 2 },
    });
    await stack.until(runId, ({ targets }) => (targets["running"] ?? 0) > 0);
    const acknowledged = await stack.call("POST", `/runs/${runId}/cancel`);
    expect(acknowledged.status).toBe(202);
    const before = Date.now();
    const run = await stack.until(runId, isOver, 90);
    expect(run.state).toBe("cancelled");
    expect(run.targets).toMatchObject({ queued: 0, running: 0, lost: 0 });
    expect(run.targets["cancelled"]).toBeGreaterThan(0);

    const targets = (await stack.call("GET", `/runs/${runId}/targets`)).body["targets"] as {
      state: string;
      startedAt?: string;
    }[];
    const lateStarts = targets.filter(({ startedAt }) => startedAt && Date.parse(startedAt) > before + 5_000);
    expect(lateStarts).toEqual([]);
    for (const { state } of targets) expect(["committed", "rolledBack", "cancelled"]).toContain(state);
    expect(stack.batch.running().filter(({ jobId }) => jobId.includes(runId))).toEqual([]);
    const output = await stack.call("GET", `/runs/${runId}/logs/logs/workers/round-1/worker-1/stdout.txt`);
    expect(output.text).toContain('"reason":"cancelled"');
    expect((await stack.call("POST", `/runs/${runId}/cancel`)).body).toMatchObject({
      error: { code: "RunAlreadyEnded" },
    });
  }, 120_000);

  it("works before anything was begun", async () => {
    const runId = await stack.start("slow", 24);
    expect((await stack.call("POST", `/runs/${runId}/cancel`)).status).toBe(202);
    const run = await stack.until(runId, isOver, 90);
    expect(run.state).toBe("cancelled");
    expect(run.targets).toMatchObject({ queued: 0, running: 0 });
  }, 120_000);
});

describe("a worker killed -9 midway", () => {
  it("leaves every target committed exactly once", async () => {
    await stack.upload(
      "kill",
      `IF OBJECT_ID('dbo.Killed') IS NULL CREATE TABLE dbo.Killed (At datetime2);\nGO\nWAITFOR DELAY '00:00:01';\nINSERT INTO dbo.Killed (At) VALUES (SYSUTCDATETIME());`,
    );
    const runId = await stack.start("kill", 24, {
      compute: { kind: "batch", nodes: 3 },
      concurrency: { limit: 2 },
    });
    await stack.until(
      runId,
      ({ targets }) => (targets["committed"] ?? 0) > 0 && (targets["running"] ?? 0) > 0,
    );
    const victim = stack.batch.running().find(({ jobId }) => jobId.includes(runId));
    process.kill(victim!.pid, "SIGKILL");
    const run = await stack.until(runId, isOver, 150);
    expect(run).toMatchObject({
      state: "succeeded",
      targets: { committed: 24 },
      workers: { lost: 1, losses: [{ worker: victim!.taskId, reason: "Killed" }] },
    });
    for (const database of stack.databases) {
      const [row] = await stack.query(database, "SELECT COUNT(*) AS n FROM dbo.Killed");
      expect(row?.["n"]).toBe(1);
    }
  }, 180_000);

  it("leaves nothing running when the run is over", async () => {
    await poll(
      () => stack.batch.running().length,
      (running) => running === 0,
      10,
    );
  });
});
