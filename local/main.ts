import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { root } from "./root.ts";
import { startStack, type Stack } from "./stack.ts";
import { tellStarted } from "./tell.ts";

interface Options {
  readonly databases: number;
  readonly servers: number;
  readonly port: number;
  readonly sqlPort: number;
  readonly file: string;
  readonly sql?: string;
  readonly identityOnly: boolean;
  readonly verbose: boolean;
}

const command = new Command("npm start --")
  .description("Starts everything sqlfleet needs on this machine, on loopback only. Ctrl-C stops it.")
  .option("--databases <n>", "tenant databases", toCount, 200)
  .option("--servers <m>", "SQL Server stand-ins they are spread over", toCount, 4)
  .option("--port <port>", "port of the HTTP API", toCount, 7071)
  .option("--sql-port <port>", "port of the first SQL Server stand-in; the others follow it", toCount, 14_331)
  .option("--file <path>", "where to write how to look inside", join(root, ".local", "stack.json"))
  .option("--sql <connection string>", "use a real SQL Server: creates the tenant databases there")
  .option("--identity-only", "no secret anywhere: every service and database is opened by identity", false)
  .option("--verbose", "show the Functions host's log", false)
  .parse();

await main(command.opts<Options>());

async function main(options: Options): Promise<void> {
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const folder = await mkdtemp(join(tmpdir(), "sqlfleet-stack-"));
  const starting = start(options, folder, write, stop);
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stop("Stopping.", 0);
    });
  }
  await starting.then(
    (stack) => {
      tellStarted(stack, options.file, write);
    },
    (error: unknown) => {
      stop(toAdvice(error), 1);
    },
  );

  /** Whatever the reason, nothing stays: no process, no socket, no file. */
  function stop(reason: string, code: number): void {
    if (stopping) return;
    stopping = true;
    write(reason);
    void starting
      .then((stack) => stack.stop())
      .catch(() => undefined)
      .then(() =>
        Promise.all([rm(folder, { recursive: true, force: true }), rm(options.file, { force: true })]),
      )
      .finally(() => process.exit(code));
  }
}

async function start(
  { sql, file, verbose, ...options }: Options,
  folder: string,
  write: (line: string) => void,
  stop: (reason: string, code: number) => void,
): Promise<Stack> {
  await mkdir(dirname(file), { recursive: true });
  return startStack({
    ...{ root, folder, ...options },
    ...(sql !== undefined && { sql }),
    stackFile: file,
    setupSql: await readFile(join(root, "examples", "tenant.sql"), "utf8"),
    ...(verbose && { log: write }),
    onFailure: (reason) => {
      stop(`${reason}\nThe stack is incomplete and stops.`, 1);
    },
  });
}

function toAdvice(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const taken = /EADDRINUSE.*:(\d+)/.exec(message)?.[1];
  if (taken === undefined) return `The stack did not start: ${message}`;
  return `Port ${taken} is taken. Is another stack running? Choose others: npm start -- --port N --sql-port N`;
}

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("It is a whole number from 1 up.");
}
