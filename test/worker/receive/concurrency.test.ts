import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunPlan } from "../../../model/run-document.ts";
import type { BenchRun } from "../support/bench-run.ts";
import { packageOf } from "../support/package-of.ts";
import { inSpan, measureOverlap, readSpans, type Span, spanTable } from "../support/spans.ts";
import type { SqlUnderTest } from "../support/sql-under-test.ts";
import { untilLocked } from "../support/until-locked.ts";
import { startWorkerBench, type WorkerBench } from "../support/worker-bench.ts";

let bench: WorkerBench;
beforeAll(async () => {
  bench = await startWorkerBench({ sqlServers: 3 });
});
afterEach(() => {
  bench.calm();
});
afterAll(() => bench.stop());

interface FleetTarget {
  /** By place; counted round where there are fewer. */
  readonly server: number;
  readonly tag: string;
  readonly setup?: string;
  /** How the server is written. */
  readonly as?: (server: string) => string;
}

interface Fleet {
  readonly concurrency: RunPlan["concurrency"];
  /** A new database for each of them. */
  readonly targets: readonly FleetTarget[];
  /** What the script does between its first and its last moment. */
  readonly work: string;
}

interface FleetRun extends BenchRun {
  readSpans(): Promise<readonly Span[]>;
}

const serverOf = ({ server }: FleetTarget): SqlUnderTest => bench.servers[server % bench.servers.length]!;

async function newRun({ concurrency, targets, work }: Fleet): Promise<FleetRun> {
  const made = [];
  for (const target of targets) {
    const { tag, setup = "", as = (server: string) => server } = target;
    const sql = serverOf(target);
    const override = await sql.createDatabase(`${spanTable}\n${setup}`);
    made.push({ server: as(sql.server), tag, databases: [{ default: "", override }] });
  }
  const run = await bench.newRun({
    content: packageOf(inSpan(work)),
    targets: made,
    plan: { concurrency },
  });
  const spansOf = (place: number): Promise<readonly Span[]> =>
    readSpans(serverOf(targets[place]!), run.targets[place]!);
  return {
    ...run,
    readSpans: async () => (await Promise.all(targets.map((_target, place) => spansOf(place)))).flat(),
  };
}

/** Three workers side by side, until all is done: who was disturbed is away for longer than a worker idles. */
async function work(run: FleetRun): Promise<void> {
  const patient = { idleSeconds: 600 };
  const workers = [run.startWorker(patient), run.startWorker(patient), run.startWorker(patient)];
  await expect.poll(() => run.countRecords(), { timeout: 50_000, interval: 200 }).toBe(run.targets.length);
  await run.order("settled");
  expect(await Promise.all(workers)).toEqual([0, 0, 0]);
  for (const record of await run.readRecords()) expect(record?.outcome.state).toBe("committed");
}

/** Ways to write one server. */
const spellings = [
  (server: string) => server,
  (server: string) => `tcp:${server.toUpperCase()}`,
  (server: string) => server.replace(",", ":"),
];
const targets = Array.from({ length: 60 }, (_, index) => ({
  // Sorted by server, as lists are.
  server: Math.floor(index / 20),
  tag: `ring-${index % 4}`,
  as: spellings[index % spellings.length]!,
}));
const wait = (milliseconds: number): string => `WAITFOR DELAY '00:00:0${(milliseconds / 1_000).toFixed(3)}';`;

describe("three workers, 60 targets, three servers: by the databases' own records", () => {
  it.each([
    ["Server", 10, 1],
    ["MaxPerServer", 3, 3],
    ["Tag", 10, 1],
    ["MaxPerTag", 4, 4],
  ] as const)("%s with limit %i has %i at once, and gets there", async (type, limit, cap) => {
    const concurrency = { type, limit };
    const run = await newRun({ concurrency, targets, work: wait(100) });
    const counters = bench.servers.map(({ standIn }) => standIn?.counters);
    for (const counter of counters) counter?.reset();
    await work(run);
    const spans = await run.readSpans();
    expect(spans).toHaveLength(60);
    const overlaps = Object.values(measureOverlap(spans, concurrency));
    expect(Math.max(...overlaps)).toBe(cap);
    expect(overlaps).toHaveLength(type.endsWith("Tag") ? 4 : bench.servers.length);
    if (type.endsWith("Tag")) return;
    for (const counter of counters) expect(counter?.read().executing.peak ?? cap).toBeLessThanOrEqual(cap);
  });
});

describe("with sessions, too,", () => {
  const concurrency = { type: "MaxPerServer", limit: 3 } as const;
  const some = targets.filter((_, index) => index % 4 === 0);

  it("every target is committed once though locks and connections are lost", async () => {
    const run = await newRun({ concurrency, targets: some, work: wait(400) });
    const ended = work(run);
    const done = (): Promise<number> => run.countRecords();
    await expect.poll(done, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(bench.bus.faults.dropLocks()).toBeGreaterThan(0);
    await expect.poll(done, { timeout: 10_000 }).toBeGreaterThan(6);
    expect(bench.bus.faults.cutConnections()).toBeGreaterThan(0);
    await ended;
    expect(await run.readSpans()).toHaveLength(some.length);
  }, 60_000);

  it("SIGTERM leaves what it cuts short to the next worker", async () => {
    const run = await newRun({ concurrency, targets: some, work: wait(3_000) });
    const shutdown = new AbortController();
    const ended = run.startWorker({ shutdown: shutdown.signal });
    await untilLocked(serverOf(some[0]!), run.targets[0]!.databases[0]!.override);
    shutdown.abort();
    expect(await ended).toBe(5);
    expect(await run.readSpans()).toHaveLength(0);
    await work(run);
    expect(await run.readSpans()).toHaveLength(some.length);
    const records = await run.readRecords();
    expect(Math.max(...records.map((record) => record?.position.delivery ?? 0))).toBe(2);
  }, 60_000);

  it("a worker goes at once when the run is settled", async () => {
    const run = await newRun({ concurrency, targets: some.slice(0, 3), work: wait(10) });
    const ended = run.startWorker({ idleSeconds: 600 });
    await expect.poll(() => run.countRecords(), { timeout: 10_000 }).toBe(3);
    await run.order("settled");
    const before = performance.now();
    expect(await ended).toBe(0);
    expect(performance.now() - before).toBeLessThan(2_500);
  });

  it("cancel begins nothing new", async () => {
    const run = await newRun({ concurrency, targets, work: wait(1_000) });
    const workers = [run.startWorker({ graceSeconds: 5 }), run.startWorker({ graceSeconds: 5 })];
    await expect.poll(() => run.countRecords(), { timeout: 5_000 }).toBeGreaterThan(0);
    await run.order("stop");
    expect(await Promise.all(workers)).toEqual([3, 3]);
    const committed = await run.countRecords();
    expect(committed).toBeLessThan(targets.length);
    expect(await run.readSpans()).toHaveLength(committed);
  });
});

describe("Count", () => {
  it("does not let a slow server at the top of the list hold up the others", async () => {
    const slow = Array.from({ length: 10 }, () => ({
      server: 0,
      tag: "slow",
      setup: "CREATE TABLE dbo.Slow (Id int);",
    }));
    const fast = Array.from({ length: 26 }, (_, index) => ({ server: 1 + (index % 2), tag: "fast" }));
    const run = await newRun({
      concurrency: { type: "Count", limit: 4 },
      targets: [...slow, ...fast],
      work: `IF OBJECT_ID('dbo.Slow') IS NOT NULL ${wait(4_000)}`,
    });
    await work(run);
    const spans = await run.readSpans();
    expect(spans).toHaveLength(36);
    const endsOf = (tag: string): readonly number[] =>
      spans.filter(({ target }) => target.tag === tag).map(({ endedAt }) => endedAt);
    expect(Math.max(...endsOf("fast"))).toBeLessThan(Math.min(...endsOf("slow")));
  });
});
