import { readFileSync } from "node:fs";
import { Command } from "commander";
import { median } from "./measure/to-per-second.ts";
import { toCount } from "./options.ts";
import { openStage, type Stage } from "./stage/open-stage.ts";
import { createRelease, publishRun } from "./stage/publish-run.ts";
import { runWorker } from "./stage/run-worker.ts";

interface Options {
  readonly targets: number;
  readonly early: number;
  readonly slots: number;
  readonly json: boolean;
}

/** Databases of the fleet; targets come round to them again, as a database of its own each would only cost disk. */
const databases = 200;

const command = new Command("npm run bench:memory --")
  .description(
    "Memory of one worker process (RSS, from /proc) early and late in a long run: it must not grow.",
  )
  .option("--targets <n>", "targets in all", toCount, 5_000)
  .option("--early <n>", "targets after which it is measured first", toCount, 500)
  .option("--slots <n>", "targets at once", toCount, 16)
  .option("--json", "print one last line of JSON", false)
  .parse();

await main(command.opts<Options>());
process.exit();

async function main(options: Options): Promise<void> {
  const stage = await openStage({ databases: Math.min(databases, options.targets) });
  try {
    const samples = await sample(stage, options);
    // What the garbage collector has not come to yet comes and goes: the middle of many looks is compared.
    const early = medianAround(samples, options.early);
    const late = medianAround(samples, options.targets);
    const growth = late / early - 1;
    const line = `RSS after ${options.early} targets ${toMegabytes(early)} MB, after ${options.targets} ${toMegabytes(late)} MB`;
    process.stdout.write(`${line}: ${(growth * 100).toFixed(1)} %\n`);
    if (options.json) process.stdout.write(`${JSON.stringify({ early, late, growth })}\n`);
  } finally {
    await stage.close();
  }
}

/** Kilobytes, one look after each target. */
async function sample(stage: Stage, { targets, slots }: Options): Promise<readonly number[]> {
  const samples: number[] = [];
  const runId = await publishRun(stage, await createRelease(slots, { kind: "always" }), targets);
  await runWorker(stage, {
    ...{ runId, targets },
    onEnd: (ended, pid) => {
      samples.push(readRss(pid));
      if (ended % 500 === 0)
        process.stdout.write(`${ended} targets: ${toMegabytes(samples.at(-1) ?? 0)} MB\n`);
    },
  });
  return samples;
}

/** The median of the looks at the 250 targets before and after; at the end, of the 250 before. */
function medianAround(samples: readonly number[], place: number): number {
  return median(samples.slice(Math.max(0, place - 250), place + 250));
}

function readRss(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1]);
}

function toMegabytes(kilobytes: number): string {
  return (kilobytes / 1_024).toFixed(0);
}
