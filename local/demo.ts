import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { runDemo, type DemoOptions } from "./demo/run-demo.ts";
import { root } from "./root.ts";

type Options = Omit<DemoOptions, "root" | "logs" | "write">;

const command = new Command("npm run demo --")
  .description(
    "Starts the local stack, changes a fleet of databases through the HTTP API, and proves it in the databases.",
  )
  .option("--targets <n>", "databases to change", toCount(1), 200)
  .option("--servers <m>", "SQL servers they are spread over", toCount(1), 4)
  .option("--nodes <k>", "Batch nodes or pods, one worker each", toCount(1), 3)
  .addOption(
    new Option("--compute <kind>", "where the workers run").choices(["batch", "kubernetes"]).default("batch"),
  )
  .option("--fail <f>", "databases that violate a constraint of the release", toCount(0), 0)
  .option("--identity-only", "no secret anywhere: every service and database is opened by identity", false)
  .option("--sql <connection string>", "use a real SQL Server")
  .option("--json", "print one last line of JSON", false)
  .parse();

const options = command.opts<Options>();
const { sql, ...counts } = options;
process.exitCode = await runDemo({
  ...counts,
  ...(sql !== undefined && { sql }),
  root,
  logs: join(root, ".local", "demo"),
  write: (line) => void process.stdout.write(`${line}\n`),
});

function toCount(least: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (Number.isInteger(count) && count >= least) return count;
    throw new InvalidArgumentError(`It is a whole number from ${least} up.`);
  };
}
