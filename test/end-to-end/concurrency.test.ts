import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOver, startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ databases: 24, servers: 3 });
});
afterAll(async () => {
  await stack.stop();
});

/** The script's time in a database, by its server's clock, in milliseconds. */
interface Span {
  readonly startedAt: number;
  readonly endedAt: number;
}

async function upload(name: string, milliseconds: number): Promise<void> {
  const delay = `WAITFOR DELAY '00:00:0${(milliseconds / 1_000).toFixed(3)}';`;
  await stack.upload(
    name,
    `CREATE TABLE dbo.${name} (StartedAt datetime2 NOT NULL, EndedAt datetime2 NOT NULL);
GO
DECLARE @start datetime2 = SYSUTCDATETIME();
${delay}
INSERT INTO dbo.${name} (StartedAt, EndedAt) VALUES (@start, SYSUTCDATETIME());`,
  );
}

async function readSpan(name: string, database: TestStack["databases"][number]): Promise<Span> {
  const rows = await stack.query(database, `SELECT StartedAt, EndedAt FROM dbo.${name}`);
  expect(rows).toHaveLength(1);
  const { StartedAt, EndedAt } = rows[0] as { StartedAt: Date; EndedAt: Date };
  return { startedAt: StartedAt.getTime(), endedAt: EndedAt.getTime() };
}

/** The most scripts at one moment on one server, by the servers' own clocks. */
async function measureOverlap(name: string): Promise<number> {
  const servers = [...new Set(stack.databases.map(({ server }) => server))];
  const overlaps = await Promise.all(
    servers.map(async (server) => {
      const databases = stack.databases.filter((each) => each.server === server);
      const spans = await Promise.all(databases.map((database) => readSpan(name, database)));
      return Math.max(
        ...spans.map(
          ({ startedAt }) =>
            spans.filter((other) => other.startedAt <= startedAt && startedAt < other.endedAt).length,
        ),
      );
    }),
  );
  return Math.max(...overlaps);
}

/** The process that has most in hand. */
async function findHolder(runId: string): Promise<number> {
  const { body } = await stack.call("GET", `/runs/${runId}/targets?state=running`);
  const workers = (body["targets"] as { worker: string }[]).map(({ worker }) => worker);
  const mostOften = (id: string): number => workers.filter((each) => each === id).length;
  const [holder = ""] = [...workers].sort((one, other) => mostOften(other) - mostOften(one));
  // A worker is named after its host and its process.
  return Number(/-(\d+)$/.exec(holder)?.[1]);
}

describe("caps across the fleet, with worker processes", () => {
  it("MaxPerServer holds, also though a worker with sessions is killed -9", async () => {
    await upload("Capped", 800);
    const runId = await stack.start("Capped", 24, {
      compute: { kind: "batch", nodes: 3 },
      concurrency: { type: "MaxPerServer", limit: 2 },
    });
    await stack.until(runId, ({ targets }) => (targets["running"] ?? 0) > 3);
    process.kill(await findHolder(runId), "SIGKILL");
    const run = await stack.until(runId, isOver, 120);
    expect(run).toMatchObject({ state: "succeeded", targets: { committed: 24 } });
    expect(await measureOverlap("Capped")).toBe(2);
  }, 150_000);

  it("Server: one at a time", async () => {
    await upload("Single", 100);
    const runId = await stack.start("Single", 24, {
      compute: { kind: "batch", nodes: 3 },
      concurrency: { type: "Server" },
    });
    const run = await stack.until(runId, isOver, 90);
    expect(run).toMatchObject({ state: "succeeded", targets: { committed: 24 } });
    expect(await measureOverlap("Single")).toBe(1);
  }, 100_000);

  it("Tag: cancel begins nothing new and leaves nothing behind", async () => {
    await upload("Tagged", 1_000);
    const cfg = stack.databases
      .map(({ server, name }, index) => `${server}:client,${name}#ring${index % 2}`)
      .join("\n");
    const reply = await stack.call(
      "POST",
      "/runs",
      JSON.stringify({ package: "Tagged", targets: { cfg }, concurrency: { type: "Tag" } }),
    );
    const runId = String(reply.body["id"]);
    await stack.until(runId, ({ targets }) => (targets["committed"] ?? 0) > 0);
    expect((await stack.call("POST", `/runs/${runId}/cancel`)).status).toBe(202);
    const run = await stack.until(runId, isOver, 90);
    expect(run).toMatchObject({ state: "cancelled", targets: { queued: 0, running: 0, lost: 0 } });
    expect(run.targets["cancelled"]).toBeGreaterThan(10);
    expect(stack.serviceBus.subscriptions().filter((path) => path.includes(runId))).toEqual([]);
  }, 120_000);
});
