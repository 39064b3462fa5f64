import { Command } from "commander";
import { median, toPerSecond } from "./measure/to-per-second.ts";
import { toCount } from "./options.ts";
import { runRaw } from "./raw/run-raw.ts";
import { openStage, type Stage } from "./stage/open-stage.ts";
import { createRelease, publishRun } from "./stage/publish-run.ts";
import { runWorker } from "./stage/run-worker.ts";

interface Options {
  readonly slots: readonly number[];
  readonly targets: number;
  readonly rounds: number;
  readonly work: number;
  readonly sql?: string;
  readonly json: boolean;
}

type Load = Pick<Options, "targets" | "rounds" | "work">;

interface Result {
  readonly slots: number;
  readonly rawPerSecond: number;
  readonly workerPerSecond: number;
  readonly ratio: number;
}

const command = new Command("npm run bench:apply --")
  .description("Targets per second of the worker, against the raw driver on the same databases, in turns.")
  .option("--slots <list>", "targets at once", toCounts, [1, 8, 32, 64])
  .option("--targets <n>", "targets of one round, each a database of its own", toCount, 300)
  .option("--rounds <n>", "rounds of each side for each number of slots; the median counts", toCount, 3)
  .option("--work <ms>", "milliseconds the release works in each database, besides its statements", Number, 0)
  .option("--sql <connection string>", "use a real SQL Server: creates the databases there")
  .option("--json", "print one last line of JSON", false)
  .parse();

await main(command.opts<Options>());
process.exit();

async function main({ slots, sql, json, ...options }: Options): Promise<void> {
  const { targets } = options;
  process.stdout.write(`Starting the stack with ${targets} databases.\n`);
  const stage = await openStage({ databases: targets, ...(sql !== undefined && { sql }) });
  try {
    const firstContact = await measureWorker(stage, Math.max(...slots), { ...options, work: 0 });
    process.stdout.write(
      `First contact (makes the product's tables): ${firstContact.toFixed(1)} targets/s\n`,
    );
    const results: Result[] = [];
    for (const each of slots) {
      const result = await compare(stage, each, options);
      process.stdout.write(`${toLine(result)}\n`);
      results.push(result);
    }
    if (json) process.stdout.write(`${JSON.stringify({ results })}\n`);
  } finally {
    await stage.close();
  }
}

/** The sides take turns, and the turn of who begins: noise on the machine hits both. */
async function compare(stage: Stage, slots: number, options: Load): Promise<Result> {
  const raw: number[] = [];
  const worker: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    if (round % 2 === 0) raw.push(await measureRaw(stage, slots, options));
    worker.push(await measureWorker(stage, slots, options));
    if (round % 2 === 1) raw.push(await measureRaw(stage, slots, options));
  }
  const [rawPerSecond, workerPerSecond] = [round1(median(raw)), round1(median(worker))];
  return { slots, rawPerSecond, workerPerSecond, ratio: Number((workerPerSecond / rawPerSecond).toFixed(3)) };
}

async function measureRaw(stage: Stage, slots: number, { targets, work }: Load): Promise<number> {
  const { ends } = await runRaw(stage, await createRelease(slots, { work }), targets);
  return toPerSecond(ends);
}

async function measureWorker(stage: Stage, slots: number, { targets, work }: Load): Promise<number> {
  const runId = await publishRun(stage, await createRelease(slots, { work }), targets);
  const { ends } = await runWorker(stage, { runId, targets });
  return toPerSecond(ends);
}

function round1(value: number): number {
  return Number(value.toFixed(1));
}

function toLine({ slots, rawPerSecond, workerPerSecond, ratio }: Result): string {
  const columns = [String(slots), rawPerSecond.toFixed(1), workerPerSecond.toFixed(1), ratio.toFixed(2)];
  return `slots ${columns[0]}: raw ${columns[1]}/s, worker ${columns[2]}/s, ratio ${columns[3]}`;
}

function toCounts(text: string): readonly number[] {
  return text.split(",").map(toCount);
}
