import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Api, createApi } from "../demo/api.ts";
import { createFleet, type Fleet } from "../demo/fleet.ts";
import type { RunView } from "../demo/follow.ts";
import { startStack, type Stack } from "../stack.ts";
import { planFaults } from "./plan-faults.ts";
import { type FaultsRun, runFaults } from "./run-faults.ts";
import { setTraps, type Traps } from "./scene.ts";
import { type Verdict, verify } from "./verify.ts";

export interface ChaosOptions {
  readonly targets: number;
  /** How long there is trouble; the run takes as long as it takes. */
  readonly seconds: number;
  /** The same seed makes the same plan of faults. */
  readonly seed: string;
  readonly root: string;
  readonly folder: string;
  readonly write: (line: string) => void;
  /** Lines of the Functions host. */
  readonly log?: (line: string) => void;
}

export interface ChaosReport extends Verdict {
  readonly seed: string;
  /** Faults that hit, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly elapsedSeconds: number;
}

const [nodes, slots, servers] = [3, 4, 2];
/** Seconds a run may take when nothing troubles it any more: some locks, looks and rounds of 30 s each. */
const patience = 420;

/** A run on a stack of its own while everything around it fails, held against the databases at the end. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const startedAt = performance.now();
  await using undo = new AsyncDisposableStack();
  const traps = setTraps();
  const failures: string[] = [];
  const { root, folder, log } = options;
  const stack = await startStack({
    ...{ root, folder, servers, databases: options.targets, port: 0, sqlPort: 0, trouble: traps.trouble },
    setupSql: `${await readFile(join(root, "examples", "tenant.sql"), "utf8")}\n${table}`,
    ...(log && { log }),
    onFailure: (reason) => void failures.push(reason),
  });
  undo.defer(() => stack.stop());
  const { counts, verdict } = await drive(stack, traps, options);
  return {
    seed: options.seed,
    faults: counts(),
    outcomes: verdict.outcomes,
    violations: [...verdict.violations, ...failures],
    elapsedSeconds: Math.round((performance.now() - startedAt) / 1_000),
  };
}

const table = "CREATE TABLE dbo.Chaos (At datetime2 NOT NULL);";

/** Of so many databases one refuses the script at its end. */
const refusing = 10;

/** One row for each execution, time enough to be disturbed after it, and an error where the fleet is spoiled. */
function toScript({ targets, seconds }: ChaosOptions): string {
  const delay = Math.min(8, Math.max(0.5, (0.6 * seconds * nodes * slots) / targets));
  return [
    "INSERT INTO dbo.Chaos (At) VALUES (SYSUTCDATETIME());",
    "GO",
    `WAITFOR DELAY '00:00:${delay.toFixed(3).padStart(6, "0")}';`,
    "GO",
    "IF EXISTS (SELECT 1 FROM dbo.Customer WHERE CreditLimit < 0) THROW 50001, N'This database refuses.', 1;",
  ].join("\n");
}

interface Driven {
  readonly counts: FaultsRun["counts"];
  readonly verdict: Verdict;
}

async function drive(stack: Stack, traps: Traps, options: ChaosOptions): Promise<Driven> {
  const api = createApi(stack.file.api, stack.file.functionKey);
  const fleet = createFleet(stack.file);
  await fleet.spoil(fleet.databases.filter((_database, index) => index % refusing === refusing - 1));
  const runId = await start(api, fleet, stack, options);
  options.write(`Run ${runId} over ${options.targets} databases, with trouble for ${options.seconds} s.`);
  const settled = new AbortController();
  const plan = planFaults(options.seed, options.seconds);
  const faults = runFaults(plan, stack, traps, settled.signal);
  const end = async (): Promise<void> => {
    settled.abort();
    await faults.over;
  };
  // Ended first: a frozen worker would outlive everything else.
  const onInterrupt = (): void => {
    void end()
      .then(() => stack.stop())
      .finally(() => process.exit(130));
  };
  process.once("SIGINT", onInterrupt);
  const run = await untilOver(api, runId, options.seconds + patience);
  await end();
  process.off("SIGINT", onInterrupt);
  const verdict = run
    ? await verify(api, fleet, run, stack)
    : { outcomes: {}, violations: [`The run was not over ${patience} s after the last fault.`] };
  return { counts: faults.counts, verdict };
}

async function start(api: Api, { databases }: Fleet, stack: Stack, options: ChaosOptions): Promise<string> {
  await api.put("/secrets", JSON.stringify(stack.file.secrets));
  await api.put("/packages/chaos", toScript(options));
  const { body } = await api.post("/runs", {
    package: "chaos",
    targets: { cfg: databases.map(({ server, name }) => `${server}:client,${name}`).join("\n") },
    compute: { kind: "batch", nodes },
    concurrency: { type: "Count", limit: slots },
    retry: { attempts: 10 },
  });
  return String(body["id"]);
}

/** Asks until the run is over, whether or not there is an answer each time. */
async function untilOver(api: Api, runId: string, seconds: number): Promise<RunView | undefined> {
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    const answer = await api.get(`/runs/${runId}`).catch(() => undefined);
    if (answer?.status === 200) return answer.body as unknown as RunView;
    await wait(500);
  }
  return undefined;
}
