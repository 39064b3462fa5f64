import { Command } from "commander";
import { median, toPerSecond } from "./measure/to-per-second.ts";
import { toCount } from "./options.ts";
import { runParts } from "./parts/run-parts.ts";
import { runRaw } from "./raw/run-raw.ts";
import { openStage, type Stage } from "./stage/open-stage.ts";
import { createRelease, publishRun } from "./stage/publish-run.ts";
import { runWorker } from "./stage/run-worker.ts";

interface Options {
  readonly slots: readonly number[];
  readonly targets: number;
  readonly rounds: number;
  readonly work?: number;
  readonly sql?: string;
  readonly json: boolean;
}

interface Load extends Pick<Options, "targets" | "rounds"> {
  /** Milliseconds the release works in each database. */
  readonly work: number;
}

interface Result {
  readonly slots: number;
  readonly work: number;
  readonly rawPerSecond: number;
  /** With journal, lock, log rows and events: what happens while a target has its slot. */
  readonly workerPerSecond: number;
  readonly ratio: number;
  /** The process as a node starts it: besides, messages, log files and result records. */
  readonly wholePerSecond: number;
  readonly wholeRatio: number;
}

/** @returns when each target was done, milliseconds since 1970 */
type Side = (stage: Stage, slots: number, load: Load) => Promise<readonly number[]>;

const sides = {
  raw: async (stage, slots, { targets, work }) =>
    (await runRaw(stage, await createRelease(slots, { work }), targets)).ends,
  worker: async (stage, slots, { targets, work }) => {
    const part = { events: true, files: false, run: await createRelease(slots, { work }) };
    return (await runParts(stage, part, targets)).ends;
  },
  whole: async (stage, slots, { targets, work }) => {
    const runId = await publishRun(stage, await createRelease(slots, { work }), targets);
    return (await runWorker(stage, { runId, targets })).ends;
  },
} satisfies Readonly<Record<string, Side>>;

/**
 * Milliseconds. With so much work in each database all sides do at most 50 targets a second, whatever the slots: the
 * servers, which are on the same machine here, do not fill it.
 */
const workPerSlot = 20;
/** Of the targets of a round without work: a third of them takes longer than all without. */
const workingShare = 1 / 3;

const command = new Command("npm run bench:apply --")
  .description("Targets per second of the worker, against the raw driver on the same databases, in turns.")
  .option("--slots <list>", "targets at once", toCounts, [1, 8, 32, 64])
  .option("--targets <n>", "targets of one round, each a database of its own", toCount, 900)
  .option("--rounds <n>", "rounds of each side for each number of slots; the median counts", toCount, 3)
  .option(
    "--work <ms>",
    "milliseconds the release works in each database; default: none, and then 20 times the slots",
    Number,
  )
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
    const firstContact = toPerSecond(await sides.whole(stage, Math.max(...slots), { ...options, work: 0 }));
    process.stdout.write(
      `First contact (makes the product's tables): ${firstContact.toFixed(1)} targets/s\n`,
    );
    const measure = async (count: number, toWork: (slots: number) => number): Promise<readonly Result[]> => {
      const results: Result[] = [];
      for (const each of slots) {
        const result = await compare(stage, each, { ...options, targets: count, work: toWork(each) });
        process.stdout.write(`${toLine(result)}\n`);
        results.push(result);
      }
      return results;
    };
    const { work } = options;
    const results = await measure(targets, () => work ?? 0);
    const withWork =
      work === undefined
        ? await measure(Math.ceil(targets * workingShare), (each) => each * workPerSlot)
        : [];
    if (json) process.stdout.write(`${JSON.stringify({ results, withWork })}\n`);
  } finally {
    await stage.close();
  }
}

/** The sides take turns, and the turn of who begins: noise on the machine hits all. */
async function compare(stage: Stage, slots: number, load: Load): Promise<Result> {
  const rounds: Record<keyof typeof sides, number[]> = { raw: [], worker: [], whole: [] };
  const names = Object.keys(sides) as (keyof typeof sides)[];
  for (let round = 0; round < load.rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      rounds[name].push(toPerSecond(await sides[name](stage, slots, load)));
    }
  }
  const [raw, worker, whole] = [median(rounds.raw), median(rounds.worker), median(rounds.whole)];
  return {
    ...{ slots, work: load.work },
    rawPerSecond: round1(raw),
    ...{ workerPerSecond: round1(worker), ratio: toRatio(worker, raw) },
    ...{ wholePerSecond: round1(whole), wholeRatio: toRatio(whole, raw) },
  };
}

function toRatio(value: number, raw: number): number {
  return Number((value / raw).toFixed(3));
}

function round1(value: number): number {
  return Number(value.toFixed(1));
}

function toLine({ slots, work, ...result }: Result): string {
  const { rawPerSecond, workerPerSecond, ratio, wholePerSecond, wholeRatio } = result;
  return (
    `slots ${slots}, ${work} ms of work: raw ${rawPerSecond}/s; with journal, lock, log rows and events ${workerPerSecond}/s, ` +
    `ratio ${ratio}; with messages, logs and records ${wholePerSecond}/s, ratio ${wholeRatio}`
  );
}

function toCounts(text: string): readonly number[] {
  return text.split(",").map(toCount);
}
