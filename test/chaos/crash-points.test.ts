import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultEffect } from "../../local/sql-server/tds/faults.ts";
import type { RunPlan } from "../../model/run-document.ts";
import { type CrashBench, startCrashBench } from "./support/crash-bench.ts";
import { type CrashPoint, type Ending, unharmed } from "./support/crash.ts";
import { live, type Survey } from "./support/live.ts";

/** Points at once, of all scenarios: each waits most of the time. */
const limit = pLimit(16);

let bench: CrashBench;

beforeAll(async () => {
  bench = await startCrashBench();
});
afterAll(async () => {
  await bench.stop();
});

interface Scenario {
  readonly plan?: Partial<RunPlan>;
  /** Workers that died before the one that is swept. */
  readonly earlier?: readonly CrashPoint[];
  /** What goes wrong in the database besides, once. */
  readonly trouble?: { readonly text: string; readonly effect: FaultEffect };
  /** A call the sweep must come by: else it sweeps something else than it says. */
  readonly passes: string;
}

const deadlock: FaultEffect = {
  ...{ kind: "error", number: 1205, class: 13, rollsBack: true },
  message: "Transaction was deadlocked and has been chosen as the deadlock victim.",
};
const commit = "sql COMMIT TRANSACTION";

const scenarios: Readonly<Record<string, Scenario>> = {
  "a first delivery": { passes: commit },
  "a transaction for each script": { plan: { transaction: "script" }, passes: commit },
  "a delivery after another worker died with its COMMIT unanswered": {
    earlier: [{ ending: "after", at: commit }],
    passes: "files.read",
  },
  "a delivery after another worker died before it completed the message": {
    earlier: [{ ending: "before", at: "message.complete" }],
    passes: "message.complete",
  },
  "a COMMIT whose answer is cut off": {
    trouble: { text: "COMMIT TRANSACTION", effect: { kind: "cut", moment: "after" } },
    passes: commit,
  },
  "a COMMIT that never arrives": {
    trouble: { text: "COMMIT TRANSACTION", effect: { kind: "cut", moment: "before" } },
    passes: commit,
  },
  "a deadlock when there is no second try": {
    plan: { retry: { attempts: 1 } },
    trouble: { text: "INSERT INTO dbo.Effect", effect: deadlock },
    passes: "files.writeOver results",
  },
};

async function visit({ plan, earlier, trouble }: Scenario, point: CrashPoint): Promise<Survey> {
  const run = await bench.newRun(plan);
  if (trouble) run.strike(trouble.text, trouble.effect);
  return live(run, point, earlier);
}

const isKept = ({ rows, state }: Survey): boolean =>
  state === "committed" ? rows === 1 : state === "rolledBack" && rows === 0;

describe.concurrent.each(Object.entries(scenarios))("%s", (_name, scenario) => {
  it.each<Ending>(["before", "after", "frozen"])(
    "keeps the promise when the worker stops %s a call, whichever it is",
    async (ending) => {
      const survivor = await limit(() => visit(scenario, unharmed));
      expect(survivor).toSatisfy(isKept);
      expect(survivor.calls).toContain(scenario.passes);
      const visits = survivor.calls.map(async (call, index) => {
        const point = index + 1;
        const { rows, state } = await limit(() => visit(scenario, { ending, at: point }));
        return { call, point, rows, state };
      });
      const broken = (await Promise.all(visits)).filter(
        ({ rows, state }) => !isKept({ calls: [], rows, state }),
      );
      expect(broken).toEqual([]);
    },
    120_000,
  );
});
