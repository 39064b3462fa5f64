import { vi } from "vitest";
import type { FaultEffect, FaultFacts } from "../../../local/sql-server/tds/faults.ts";
import { toTargetId } from "../../../model/ids.ts";
import type { EndedEvent } from "../../../model/messages.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import type { Worker } from "../../../worker/worker.ts";
import type { BenchRun } from "../../worker/support/bench-run.ts";
import { effectTable, insertEffect, readEffects } from "../../worker/support/effects.ts";
import { packageOf } from "../../worker/support/package-of.ts";
import { startWorkerBench, type WorkerBench } from "../../worker/support/worker-bench.ts";

/** A worker's bench shared by all points of a sweep; each point has a run, a subscription and a database of its own. */
export interface CrashBench {
  /** A run over one new database, its target enqueued. */
  newRun(plan?: Partial<RunPlan>): Promise<CrashRun>;
  stop(): Promise<void>;
}

export interface CrashRun {
  newWorker(workerId: string): Worker;
  /** Makes the next request with this text go wrong, once. */
  strike(text: string, effect: FaultEffect): void;
  /** Ends every lock of the run, as if its time were up. */
  dropLocks(): void;
  /** Waits for the target's result record, and until no message is left. */
  untilDone(): Promise<void>;
  readRecord(): Promise<EndedEvent | undefined>;
  /** Rows the script inserted: one for each execution that was committed. */
  countRows(): Promise<number>;
}

/** Two, so that a run of one transaction per script can end between them. */
const content = packageOf("UPDATE dbo.Effect SET Id = 1 WHERE 1 = 0;", insertEffect);
/** A frozen worker has no slot free: it does not take its own message once more. */
const oneAtATime = { concurrency: { type: "Count", limit: 1 } } as const;

export async function startCrashBench(): Promise<CrashBench> {
  const bench = await startWorkerBench();
  return {
    newRun: async (plan = {}) => {
      const database = await bench.sql.createDatabase(effectTable);
      const targets = [{ server: bench.sql.server, databases: [{ default: "", override: database }] }];
      const run = await bench.newRun({ content, targets, plan: { ...oneAtATime, ...plan } });
      return toCrashRun(bench, run, database);
    },
    stop: () => bench.stop(),
  };
}

function toCrashRun({ bus, sql }: WorkerBench, run: BenchRun, database: string): CrashRun {
  const readRecord = (): Promise<EndedEvent | undefined> => run.readRecord(toTargetId(1));
  return {
    readRecord,
    newWorker: (workerId) => run.newWorker({ workerId, idleSeconds: 600, graceSeconds: 20 }),
    strike: (text, effect) => {
      const matches = (facts: FaultFacts): boolean =>
        facts.database === database && facts.text.includes(text);
      sql.standIn?.faults.add({ stage: "request", matches, effect });
    },
    dropLocks: () => {
      bus.faults.dropLocks(run.entity);
    },
    untilDone: () =>
      vi.waitFor(
        async () => {
          if ((await readRecord()) === undefined) throw new Error("There is no result record.");
          const left = await run.countMessages();
          if (left > 0) throw new Error(`${left} messages are left.`);
        },
        { timeout: 20_000, interval: 200 },
      ),
    countRows: async () => (await readEffects(sql, database)).length,
  };
}
