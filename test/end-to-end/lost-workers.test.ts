import { afterAll, beforeAll, expect, it } from "vitest";
import { isOver, startTestStack, type RunReply, type TestStack } from "../support/test-stack.ts";

const databases = 12;
let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ databases });
  await stack.upload(
    "slow",
    "WAITFOR DELAY '00:00:01';\nINSERT INTO dbo.TransactionTest VALUES ('x', NEWID(), GETDATE());",
  );
});
afterAll(() => stack.stop());

/** Until work is under way and some is done. */
async function startRun(compute: Readonly<Record<string, unknown>>): Promise<string> {
  const runId = await stack.start("slow", databases, { compute, concurrency: { limit: 2 } });
  const isUnderWay = ({ targets }: RunReply): boolean =>
    (targets["committed"] ?? 0) > 0 && (targets["running"] ?? 0) > 0;
  await stack.until(runId, isUnderWay);
  return runId;
}

/** What the workers wrote, by the path it has among the run's logs. */
async function readOutputs(runId: string): Promise<ReadonlyMap<string, string>> {
  const { files } = (await stack.call("GET", `/runs/${runId}/logs`)).body as {
    files: readonly { readonly path: string; readonly link: string }[];
  };
  const outputs = files.filter(({ path }) => path.startsWith("logs/workers/"));
  const texts = outputs.map(
    async ({ path, link }) => [path, (await stack.call("GET", link.replace("/api", ""))).text] as const,
  );
  return new Map(await Promise.all(texts));
}

async function countRows(): Promise<readonly unknown[]> {
  const counts: unknown[] = [];
  for (const database of stack.databases)
    counts.push((await stack.query(database, "SELECT COUNT(*) AS n FROM dbo.TransactionTest"))[0]?.["n"]);
  return counts;
}

const everyTarget = (rows: number): readonly number[] => Array.from({ length: databases }, () => rows);

it("a Batch node that is taken away midway: the run says so, and the others take its work", async () => {
  const runId = await startRun({ kind: "batch", nodes: 3 });
  const victim = stack.batch.running().find(({ jobId }) => jobId.includes(runId))!;
  expect(stack.batch.loseNode(victim.nodeId)).toBe(true);
  const told = await stack.until(runId, ({ workers }) => workers.lost > 0);
  expect(told.workers).toMatchObject({ lost: 1, losses: [{ worker: victim.taskId, round: 1 }] });

  const run = await stack.until(runId, isOver, 150);
  expect(run).toMatchObject({ state: "succeeded", targets: { committed: databases }, workers: told.workers });
  expect(await countRows()).toEqual(everyTarget(1));
  const outputs = await readOutputs(runId);
  for (const worker of ["worker-1", "worker-2", "worker-3"])
    expect(outputs.get(`logs/workers/round-1/${worker}/stdout.txt`)).toContain('"id":"WorkerEnded"');
  const summary = (await stack.call("GET", `/runs/${runId}/logs/summary.json`)).body;
  expect(summary).toMatchObject({ workers: told.workers });
}, 180_000);

it("a pod that is evicted midway: the run says so, and keeps what it wrote", async () => {
  const before = await countRows();
  const runId = await startRun({ kind: "kubernetes", pods: 2 });
  const victim = stack.kubernetes.running().find(({ name }) => name.includes(runId))!;
  expect(stack.kubernetes.evict(victim)).toBe(true);
  const run = await stack.until(runId, isOver, 150);
  expect(run).toMatchObject({
    state: "succeeded",
    targets: { committed: databases },
    workers: { lost: 1, losses: [{ worker: victim.name, reason: "Evicted", round: 1 }] },
  });
  expect(await countRows()).toEqual(before.map((rows) => Number(rows) + 1));
  const outputs = await readOutputs(runId);
  expect(outputs.get(`logs/workers/round-1/${victim.name}/log.txt`)).toContain('"reason":"shutdown"');
  const ended = [...outputs.values()].filter((text) => text.includes('"id":"WorkerEnded"'));
  expect(ended.length).toBeGreaterThan(1);
}, 180_000);
