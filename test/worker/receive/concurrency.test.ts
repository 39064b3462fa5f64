import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type FleetRun,
  type WorkerFleet,
  measureOverlap,
  startWorkerFleet,
} from "../support/worker-fleet.ts";

let fleet: WorkerFleet;
beforeAll(async () => {
  fleet = await startWorkerFleet();
});
afterEach(() => {
  fleet.bus.faults.clear();
});
afterAll(() => fleet.stop());

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

/** Three workers side by side, until all is done. */
async function work(run: FleetRun): Promise<void> {
  expect(await Promise.all([run.startWorker(), run.startWorker(), run.startWorker()])).toEqual([0, 0, 0]);
  for (const outcome of run.outcomes()) expect(outcome?.outcome.state).toBe("committed");
}

describe("three workers, 60 targets, three servers: by the databases' own records", () => {
  it.each([
    ["Server", 10, 1],
    ["MaxPerServer", 3, 3],
    ["Tag", 10, 1],
    ["MaxPerTag", 4, 4],
  ] as const)("%s with limit %i has %i at once, and gets there", async (type, limit, cap) => {
    const concurrency = { type, limit };
    const run = await fleet.newRun({ concurrency, targets, work: wait(100) });
    const counters = fleet.servers.map(({ standIn }) => standIn?.counters);
    for (const counter of counters) counter?.reset();
    await work(run);
    const spans = await run.spans();
    expect(spans).toHaveLength(60);
    const overlaps = Object.values(measureOverlap(spans, concurrency));
    expect(Math.max(...overlaps)).toBe(cap);
    expect(overlaps).toHaveLength(type.endsWith("Tag") ? 4 : fleet.servers.length);
    if (type.endsWith("Tag")) return;
    for (const counter of counters) expect(counter?.read().executing.peak ?? cap).toBeLessThanOrEqual(cap);
  });
});

describe("with sessions, too,", () => {
  const concurrency = { type: "MaxPerServer", limit: 3 } as const;
  const some = targets.filter((_, index) => index % 4 === 0);

  it("every target is committed once though locks and connections are lost", async () => {
    const run = await fleet.newRun({ concurrency, targets: some, work: wait(400) });
    const ended = work(run);
    const done = (): number => run.outcomes().filter(Boolean).length;
    await expect.poll(done, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(fleet.bus.faults.dropLocks()).toBeGreaterThan(0);
    await expect.poll(done, { timeout: 10_000 }).toBeGreaterThan(6);
    fleet.bus.faults.cutConnections();
    await ended;
    expect(await run.spans()).toHaveLength(some.length);
  });

  it("SIGTERM leaves what it cuts short to the next worker", async () => {
    const run = await fleet.newRun({ concurrency, targets: some, work: wait(3_000) });
    const shutdown = new AbortController();
    const ended = run.startWorker({ shutdown: shutdown.signal });
    const executing = (): number => fleet.servers[0]?.standIn?.counters.read().executing.now ?? 3;
    await expect.poll(executing, { timeout: 10_000 }).toBe(3);
    shutdown.abort();
    expect(await ended).toBe(5);
    expect(await run.spans()).toHaveLength(0);
    await work(run);
    expect(await run.spans()).toHaveLength(some.length);
    expect(Math.max(...run.outcomes().map((event) => event?.position.delivery ?? 0))).toBe(2);
  }, 60_000);

  it("a worker goes at once when the run is settled", async () => {
    const run = await fleet.newRun({ concurrency, targets: some.slice(0, 3), work: wait(10) });
    const ended = run.startWorker({ idleSeconds: 600 });
    await expect.poll(() => run.outcomes().every(Boolean), { timeout: 10_000 }).toBe(true);
    await run.order("settled");
    const before = performance.now();
    expect(await ended).toBe(0);
    expect(performance.now() - before).toBeLessThan(2_500);
  });

  it("cancel begins nothing new", async () => {
    const run = await fleet.newRun({ concurrency, targets, work: wait(1_000) });
    const workers = [run.startWorker({ graceSeconds: 5 }), run.startWorker({ graceSeconds: 5 })];
    await expect.poll(() => run.outcomes().some(Boolean), { timeout: 5_000 }).toBe(true);
    await run.order("stop");
    expect(await Promise.all(workers)).toEqual([3, 3]);
    const committed = run.outcomes().filter(Boolean).length;
    expect(committed).toBeLessThan(targets.length);
    expect(await run.spans()).toHaveLength(committed);
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
    const run = await fleet.newRun({
      concurrency: { type: "Count", limit: 4 },
      targets: [...slow, ...fast],
      work: `IF OBJECT_ID('dbo.Slow') IS NOT NULL ${wait(4_000)}`,
    });
    await work(run);
    const ends = (tag: string, spans: Awaited<ReturnType<FleetRun["spans"]>>): number[] =>
      spans.filter(({ target }) => target.tag === tag).map(({ endedAt }) => endedAt);
    const spans = await run.spans();
    expect(spans).toHaveLength(36);
    expect(Math.max(...ends("fast", spans))).toBeLessThan(Math.min(...ends("slow", spans)));
  });
});
