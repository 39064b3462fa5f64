import { afterAll, beforeAll, describe, it } from "vitest";
import { runFile, stateFile } from "../../../model/run-files.ts";
import type { BenchRun } from "../support/bench-run.ts";
import { effectTable, insertEffect, readEffects } from "../support/effects.ts";
import { packageOf } from "../support/package-of.ts";
import { startWorkerBench, type WorkerBench } from "../support/worker-bench.ts";

let bench: WorkerBench;
beforeAll(async () => {
  bench = await startWorkerBench();
});
afterAll(() => bench.stop());

interface DisturbedRun {
  readonly run: BenchRun;
  readonly databases: readonly string[];
  /** Folders of the run's blobs, as faults name them. */
  readonly records: string;
  readonly logs: string;
  /** Of all databases together. */
  readonly readAllEffects: () => Promise<readonly unknown[]>;
}

/** A run for workers that have one slot each. */
async function newRun(count = 1): Promise<DisturbedRun> {
  const { server } = bench.sql;
  const databases: string[] = [];
  while (databases.length < count) databases.push(await bench.sql.createDatabase(effectTable));
  const run = await bench.newRun({
    content: packageOf(insertEffect),
    targets: databases.map((override) => ({ server, databases: [{ default: "", override }] })),
    plan: { concurrency: { type: "Count", limit: 1 } },
  });
  return {
    ...{ run, databases },
    records: stateFile.results(run.runId, 0),
    logs: runFile.logs(run.runId),
    readAllEffects: async () =>
      (await Promise.all(databases.map((database) => readEffects(bench.sql, database)))).flat(),
  };
}

const refusal = { kind: "refuse", status: 403, code: "AuthorizationFailure" } as const;
const committed = { outcome: { state: "committed" } };

describe.concurrent("a worker's report, while Blob is disturbed,", () => {
  it("comes through when the answer to the record's writing is lost", async ({ expect }) => {
    const { run, records, readAllEffects } = await newRun();
    const effect = { kind: "cut", moment: "after" } as const;
    const fault = bench.blob.add({ method: "PUT", path: records, effect });
    expect(await run.startWorker()).toBe(0);
    expect(fault.struck).toBe(1);
    expect(await run.readRecords()).toMatchObject([{ ...committed, position: { delivery: 1 } }]);
    expect(await run.countMessages()).toBe(0);
    expect(await readAllEffects()).toEqual([1]);
  });

  it("is tried again when the record is refused", async ({ expect }) => {
    const { run, records, readAllEffects } = await newRun();
    const fault = bench.blob.add({ method: "PUT", path: records, effect: refusal, times: 2 });
    expect(await run.startWorker()).toBe(0);
    expect(fault.struck).toBe(2);
    expect(await run.readRecords()).toMatchObject([{ ...committed, position: { delivery: 1 } }]);
    expect(await readAllEffects()).toEqual([1]);
  });

  it("is left to the next delivery when the record is refused for long", async ({ expect }) => {
    const { run, records, readAllEffects } = await newRun();
    const fault = bench.blob.add({ method: "PUT", path: records, effect: refusal, times: Infinity });
    const ended = run.startWorker();
    // The first try and five more; the seventh is the second delivery's.
    await expect.poll(() => fault.struck, { timeout: 25_000 }).toBe(7);
    fault.remove();
    expect(await ended).toBe(0);
    const record = { position: { delivery: 2 }, outcome: { state: "committed", attempts: 2 } };
    expect(await run.readRecords()).toMatchObject([record]);
    expect(await run.countMessages()).toBe(0);
    expect(await readAllEffects()).toEqual([1]);
  }, 40_000);

  it("does without logs that are refused", async ({ expect }) => {
    const { run, databases, logs } = await newRun();
    const fault = bench.blob.add({ method: "PUT", path: logs, effect: refusal, times: Infinity });
    expect(await run.startWorker()).toBe(0);
    expect(fault.struck).toBeGreaterThan(1);
    expect(await run.readRecords()).toMatchObject([committed]);
    expect(await run.readLog(bench.sql.server, databases[0]!)).toBe("");
    expect(await run.countMessages()).toBe(0);
  });

  it("tries again when the writing of a log is never answered", async ({ expect }) => {
    const { run, logs } = await newRun();
    const until = new Promise<never>(() => undefined);
    const fault = bench.blob.add({ method: "PUT", path: logs, effect: { kind: "hold", until } });
    expect(await run.startWorker()).toBe(0);
    expect(fault.struck).toBe(1);
    expect(await run.readRecords()).toMatchObject([{ ...committed, position: { delivery: 1 } }]);
    expect(await run.countMessages()).toBe(0);
  }, 40_000);

  it("does not hold up the next target while it is written", async ({ expect }) => {
    const { run, records, readAllEffects } = await newRun(3);
    const { promise: until, resolve: goOn } = Promise.withResolvers<undefined>();
    bench.blob.add({ method: "PUT", path: records, effect: { kind: "hold", until }, times: Infinity });
    const ended = run.startWorker();
    await expect.poll(readAllEffects, { timeout: 10_000 }).toEqual([1, 1, 1]);
    expect(await run.countRecords()).toBe(0);
    goOn(undefined);
    expect(await ended).toBe(0);
    expect(await run.readRecords()).toMatchObject([committed, committed, committed]);
  });
});
