import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../local/root.ts";
import { isOver, poll, startTestStack, type TestStack } from "../support/test-stack.ts";

const script = join(root, "deploy", "pipelines", "run-package.sh");
let stack: TestStack;
let folder: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  stack = await startTestStack({ databases: 4 });
  folder = await mkdtemp(join(tmpdir(), "sqlfleet-pipeline-"));
  const lines = stack.databases.map(({ server, name }) => `${server}:client,${name}#eu`);
  await writeFile(join(folder, "targets.cfg"), `${lines.join("\r\n")}\r\n`);
  await writeFile(join(folder, "bad.sql"), "THROW 50001, 'not \"today\"', 1;\n");
  await writeFile(join(folder, "slow.sql"), "WAITFOR DELAY '00:00:20';\n");
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Execution {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly seen: () => string;
  readonly ended: Promise<Execution>;
}

/** As a pipeline runs it: bash, the variables, nothing else of ours. */
function start(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Running {
  const child = spawn("bash", [script, ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      SQLFLEET_URL: stack.file.api,
      SQLFLEET_KEY: stack.file.functionKey,
      SQLFLEET_OPTIONS: '{ "compute": {"kind": "batch", "nodes": 1} }',
      SQLFLEET_POLL_SECONDS: "0.2",
      SQLFLEET_TIMEOUT_SECONDS: "60",
      ...variables,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const ended = new Promise<Execution>((resolve) => {
    child.on("close", (code) => {
      resolve({ code, output, errors });
    });
  });
  return { child, seen: () => output, ended };
}

const run = (...args: Parameters<typeof start>): Promise<Execution> => start(...args).ended;
const marker = join(root, "examples", "release-42", "003-release-marker.sql");
const read = (...path: string[]): Promise<string> => readFile(join(folder, ...path), "utf8");

describe("run-package.sh", { timeout: 60_000 }, () => {
  it("uploads, runs, waits, fetches the logs and exits 0", async () => {
    const { code, output, errors } = await run(["marker", marker, "targets.cfg"], {
      SQLFLEET_OUTPUT: "good",
    });

    expect(errors).toBe("");
    expect(code).toBe(0);
    expect(output).toMatch(/package marker, SHA-256 [0-9a-f]{64}\n/);
    expect(output).toMatch(/run \S+ succeeded; logs in good\n/);
    expect(JSON.parse(await read("good", "run.json"))).toMatchObject({ state: "succeeded" });
    expect((await read("good", "success.cfg")).trim().split("\n")).toHaveLength(4);
    expect(await read("good", "commits.log")).toContain(stack.databases[3]!.name);
    expect(output + errors).not.toContain(stack.file.functionKey);
  });

  it("prints the errors and exits 1 when databases were rolled back", async () => {
    const { code, errors } = await run(["bad", "bad.sql", "targets.cfg"], { SQLFLEET_OUTPUT: "bad" });

    expect(code).toBe(1);
    expect(errors).toContain('not "today"');
    for (const { name } of stack.databases) expect(errors).toContain(name);
    expect((await read("bad", "failure.cfg")).trim().split("\n")).toHaveLength(4);
  });

  it("exits 2 with the API's words when the run is refused", async () => {
    const { code, errors } = await run(["marker", marker, "targets.cfg"], {
      SQLFLEET_OPTIONS: '{"mode":"trial","transaction":"none"}',
    });

    expect(code).toBe(2);
    expect(errors).toContain("TrialNeedsPackageTransaction");
  });

  it("exits 2 when the key is wrong, and does not print it", async () => {
    const { code, errors } = await run(["marker", marker, "targets.cfg"], { SQLFLEET_KEY: "wrong-key" });

    expect(code).toBe(2);
    expect(errors).toContain("401");
    expect(errors).not.toContain("wrong-key");
  });

  it("exits 3 when the run takes longer than the longest wait", async () => {
    const { code, output, errors } = await run(["slow", "slow.sql", "targets.cfg"], {
      SQLFLEET_TIMEOUT_SECONDS: "0",
    });

    expect(code).toBe(3);
    expect(errors).toContain("goes on");
    await stack.call("POST", `/runs/${startedRun(output)}/cancel`);
  });

  it("tells the run to stop when the pipeline is cancelled", async () => {
    const running = start(["slow", "slow.sql", "targets.cfg"]);
    await poll(running.seen, (text) => text.includes("started"), 30);
    running.child.kill("SIGTERM");
    const { code, output } = await running.ended;

    expect(code).toBe(143);
    const { state } = await stack.until(startedRun(output), isOver);
    expect(state).toBe("cancelled");
  });

  it("tells how it is used", async () => {
    const { code, errors } = await run([]);

    expect(code).toBe(2);
    expect(errors).toContain("run-package.sh NAME PACKAGE TARGETS");
  });
});

function startedRun(output: string): string {
  return /run (\S+) started/.exec(output)?.[1] ?? "";
}
