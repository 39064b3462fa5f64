import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { runChaos } from "./chaos/run-chaos.ts";
import { root } from "./root.ts";

interface Options {
  readonly targets: number;
  readonly seconds: number;
  readonly seed?: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

const command = new Command("npm run chaos --")
  .description(
    "Changes a fleet while everything around it fails, and holds the outcome against the databases.",
  )
  .option("--targets <n>", "databases to change", toCount, 60)
  .option("--seconds <s>", "how long there is trouble", toCount, 60)
  .option("--seed <seed>", "the same seed makes the same trouble (default: a new one)")
  .option("--json", "print one last line of JSON", false)
  .option("--verbose", "show the Functions host's log", false)
  .parse();

const { json, verbose, seed = randomBytes(4).toString("hex"), ...counts } = command.opts<Options>();
const write = (line: string): void => void process.stdout.write(`${line}\n`);
write(`Seed ${seed}`);
const report = await runChaos({
  ...{ ...counts, seed, root, write },
  folder: join(root, ".local", "chaos"),
  ...(verbose && { log: write }),
});
for (const [kind, count] of Object.entries(report.faults)) write(`  ${String(count).padStart(4)} × ${kind}`);
write(
  `Outcomes: ${Object.entries(report.outcomes)
    .map((each) => each.join(" "))
    .join(", ")}`,
);
for (const violation of report.violations) write(`VIOLATION ${violation}`);
write(`${report.violations.length} violations in ${report.elapsedSeconds} s.`);
if (json) write(JSON.stringify({ ...report, violations: report.violations.length }));
process.exitCode = report.violations.length === 0 ? 0 : 1;

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("It is a whole number from 1 up.");
}
