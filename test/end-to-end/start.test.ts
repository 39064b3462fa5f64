import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../local/root.ts";
import { StackFile } from "../../local/stack-file.ts";
import { isAlive } from "../local/is-alive.ts";
import { poll } from "../support/test-stack.ts";

const run = promisify(execFile);
let folder: string;
let stack: ChildProcess;
let output: string;

/** `npm start` as a person has it, but for its ports and where it writes its file. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sqlfleet-start-"));
  await mkdir(join(folder, ".local"));
  await symlink(join(root, "examples"), join(folder, "examples"));
  const ports = ["--port", "17071", "--sql-port", "17431"];
  const args = [
    "--databases",
    "8",
    "--servers",
    "2",
    ...ports,
    "--file",
    join(folder, ".local", "stack.json"),
  ];
  stack = spawn(process.execPath, [join(root, "local", "main.ts"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  output = "";
  for (const stream of [stack.stdout, stack.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  await poll(
    () => output,
    (text) => text.includes("Ctrl-C") || stack.exitCode !== null,
    60,
  );
});
afterEach(async () => {
  stack.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function childrenOf(pid: number): Promise<readonly number[]> {
  const { stdout } = await run("ps", ["-e", "-o", "pid=,ppid="]);
  const pairs = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const own = pairs.filter(([, parent]) => parent === pid).map(([child]) => child!);
  const theirs = await Promise.all(own.map(childrenOf));
  return [...own, ...theirs.flat()];
}

const goneSoon = (pids: readonly number[]): Promise<unknown> =>
  poll(
    () => pids.filter(isAlive),
    (alive) => alive.length === 0,
    15,
  );

describe("npm start", () => {
  it("tells what listens where, in a table and in a file", async () => {
    for (const part of [
      "Functions host",
      "Key Vault",
      "Service Bus",
      "Event Hubs",
      "Batch",
      "Storage",
      "SQL Server",
    ]) {
      expect(output).toContain(part);
    }
    const file = StackFile.parse(JSON.parse(await readFile(join(folder, ".local", "stack.json"), "utf8")));
    expect(file.api).toBe("http://127.0.0.1:17071/api");
    expect(file.sql.map(({ server, databases }) => [server, databases.length])).toEqual([
      ["localhost,17431", 4],
      ["localhost,17432", 4],
    ]);
  }, 90_000);

  it("runs the README's walk-through as it is printed", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const [, script = ""] = /```sh\n(stack\(\)[\s\S]*?)```/.exec(readme) ?? [];
    const { stdout, stderr } = await run("bash", ["-euo", "pipefail", "-c", script], {
      cwd: folder,
      timeout: 80_000,
    });
    expect(stderr).toBe("");
    expect(stdout).toContain('"state":"succeeded"');
    expect(stdout.trim().split("\n").slice(-6).join("\n")).toMatch(
      /(tenant\d{4}\tcommitted\n?){6}|committed/,
    );
  }, 120_000);

  it("stops cleanly on Ctrl-C, with nothing left", async () => {
    const children = await childrenOf(stack.pid!);
    expect(children.length).toBeGreaterThan(2);
    stack.kill("SIGINT");
    const [code] = (await once(stack, "exit")) as [number];
    expect(code).toBe(0);
    await goneSoon(children);
    await expect(readFile(join(folder, ".local", "stack.json"))).rejects.toThrow("ENOENT");
  }, 90_000);

  it("stops whole, and says why, when a part crashes", async () => {
    const children = await childrenOf(stack.pid!);
    process.kill(children[0]!, "SIGKILL");
    const [code] = (await once(stack, "exit")) as [number];
    expect(code).toBe(1);
    expect(output).toContain("The stack is incomplete and stops.");
    await goneSoon(children);
  }, 90_000);

  it("leaves nothing running when it is killed itself", async () => {
    const children = await childrenOf(stack.pid!);
    stack.kill("SIGKILL");
    await goneSoon(children);
  }, 90_000);
});
