import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { root } from "./root.ts";
import { startStack } from "./stack.ts";
import { tellStarted } from "./tell.ts";

interface Options {
  readonly databases: number;
  readonly servers: number;
  readonly port: number;
  readonly sql?: string;
  readonly verbose: boolean;
}

const command = new Command("npm start --")
  .description("Starts everything sqlfleet needs on this machine, on loopback only. Ctrl-C stops it.")
  .option("--databases <n>", "tenant databases", toCount, 200)
  .option("--servers <m>", "SQL Server stand-ins they are spread over", toCount, 4)
  .option("--port <port>", "port of the HTTP API", toCount, 7071)
  .option("--sql <connection string>", "use a real SQL Server: creates the tenant databases there")
  .option("--verbose", "show the Functions host's log", false)
  .parse();

await main(command.opts<Options>());

async function main(options: Options): Promise<void> {
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const { sql } = options;
  let stopping = false;
  const stop = (reason: string, code: number): void => {
    if (stopping) return;
    stopping = true;
    write(reason);
    void starting
      .then((stack) => stack.stop())
      .catch(() => undefined)
      .finally(() => process.exit(code));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stop("Stopping.", 0);
    });
  }
  const starting = startStack({
    root,
    ...options,
    ...(sql !== undefined && { sql }),
    sqlPort: 14_331,
    folder: join(root, ".local"),
    setupSql: await readFile(join(root, "examples", "tenant.sql"), "utf8"),
    ...(options.verbose && { log: write }),
    onFailure: (reason) => {
      stop(`${reason}\nThe stack is incomplete and stops.`, 1);
    },
  });
  tellStarted(await starting, write);
}

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("It is a whole number from 1 up.");
}
