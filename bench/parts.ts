import { Command } from "commander";
import { readServers } from "./measure/cpu.ts";
import type { Answer } from "./measure/meter.ts";
import { median, toPerSecond } from "./measure/to-per-second.ts";
import { toCount } from "./options.ts";
import { runParts } from "./parts/run-parts.ts";
import { runRaw } from "./raw/run-raw.ts";
import { openStage, type Stage } from "./stage/open-stage.ts";
import { createRelease, publishRun } from "./stage/publish-run.ts";
import { runWorker } from "./stage/run-worker.ts";

interface Options {
  readonly slots: number;
  readonly targets: number;
  readonly rounds: number;
  readonly json: boolean;
}

type Step = (stage: Stage, options: Options) => Promise<Partial<Answer> & Pick<Answer, "ends">>;

/** Each step has what those before it have, and one thing more. */
const steps: Readonly<Record<string, Step>> = {
  "the raw driver": async (stage, { slots, targets }) => runRaw(stage, await createRelease(slots), targets),
  "+ TLS sessions resumed": async (stage, { slots, targets }) =>
    runRaw(stage, await createRelease(slots), targets, true),
  "+ journal, lock, log rows": async (stage, { slots, targets }) =>
    runParts(stage, { events: false, files: false, run: await createRelease(slots) }, targets),
  "+ events": async (stage, { slots, targets }) =>
    runParts(stage, { events: true, files: false, run: await createRelease(slots) }, targets),
  "+ log file, result record": async (stage, { slots, targets }) =>
    runParts(stage, { events: true, files: true, run: await createRelease(slots) }, targets),
  "+ message: the worker": async (stage, { slots, targets }) => {
    const runId = await publishRun(stage, await createRelease(slots), targets);
    return runWorker(stage, { runId, targets });
  },
};

const command = new Command("npm run bench:parts --")
  .description(
    "What each thing the worker does besides the package costs, added one by one to the raw driver.",
  )
  .option("--slots <n>", "targets at once", toCount, 8)
  .option("--targets <n>", "targets of one round, each a database of its own", toCount, 300)
  .option("--rounds <n>", "rounds of each step; the median counts", toCount, 3)
  .option("--json", "print one last line of JSON", false)
  .parse();

await main(command.opts<Options>());
process.exit();

async function main(options: Options): Promise<void> {
  const stage = await openStage({ databases: options.targets });
  await runWorker(stage, {
    runId: await publishRun(stage, await createRelease(options.slots), options.targets),
    targets: options.targets,
  });
  const measured = new Map(Object.keys(steps).map((name) => [name, [] as Measured[]]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [name, step] of Object.entries(steps)) {
      measured.get(name)?.push(await measure(stage, options, step));
    }
  }
  const results = [...measured].map(([step, all]) => ({
    step,
    perSecond: Number(median(all.map(({ perSecond }) => perSecond)).toFixed(1)),
    cpu: toMedians(all.map(({ cpu }) => cpu)),
  }));
  for (const { step, perSecond, cpu } of results) {
    const parts = Object.entries(cpu).map(([part, milliseconds]) => `${part} ${milliseconds}`);
    process.stdout.write(
      `${step.padEnd(28)} ${perSecond.toFixed(1)}/s; CPU ms per target: ${parts.join(", ")}\n`,
    );
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ slots: options.slots, results })}\n`);
  await stage.close();
}

interface Measured {
  readonly perSecond: number;
  /** Milliseconds of processor time per target, by process. */
  readonly cpu: Readonly<Record<string, number>>;
}

async function measure(stage: Stage, options: Options, step: Step): Promise<Measured> {
  const before = readServers();
  const { ends, cpu } = await step(stage, options);
  const after = readServers();
  const used = new Map(cpu === undefined ? [] : [["client", cpu]]);
  for (const [part, total] of after) used.set(part, (total - (before.get(part) ?? 0)) / options.targets);
  return {
    perSecond: toPerSecond(ends),
    cpu: Object.fromEntries<number>(used),
  };
}

function toMedians(all: readonly Measured["cpu"][]): Measured["cpu"] {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, Number(median(all.map((each) => each[name] ?? 0)).toFixed(2))]),
  );
}
