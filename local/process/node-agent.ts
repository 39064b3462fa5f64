import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { runAsChild, tellParent } from "../child-side.ts";
import { isRecord } from "../web-server.ts";

/**
 * What runs on a node besides its tasks: starts and ends them, each in a process group of its own. In a
 * process of its own, so that the tasks end with the stack however the stack ends.
 */

export interface TaskOrder {
  /** Tells this start from all others. */
  readonly key: string;
  readonly file: string;
  readonly args: readonly string[];
  /** The task's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Existing folders and files-to-be; both may name the same file. */
  readonly folder: string;
  readonly stdout: string;
  readonly stderr: string;
}

export type AgentCommand =
  | { readonly agent: "start"; readonly order: TaskOrder }
  | { readonly agent: "end"; readonly key: string; readonly graceMilliseconds: number };

export type AgentReport =
  | { readonly agent: "started"; readonly key: string; readonly pid: number }
  /** The program could not be started; `code` as Node's system errors (ENOENT, EACCES). */
  | { readonly agent: "refused"; readonly key: string; readonly code: string }
  /** 128 + signal number when a signal ended it, as a shell says it. */
  | { readonly agent: "ended"; readonly key: string; readonly exitCode: number };

const running = new Map<string, ChildProcess>();
const signals: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
const report = (message: AgentReport): void => {
  tellParent(message);
};

process.on("message", (message) => {
  if (isRecord(message)) obey(message as unknown as AgentCommand);
});
// The last moment: also when the channel to the stack breaks.
process.on("exit", () => {
  for (const child of running.values()) signalGroup(child, "SIGKILL");
});

const graceMilliseconds = Number(process.argv[2] ?? 0);
await runAsChild(() => Promise.resolve({ payload: undefined, stop: () => endAll(graceMilliseconds) }));

function obey(command: AgentCommand): void {
  switch (command.agent) {
    case "start":
      start(command.order);
      break;
    case "end": {
      const child = running.get(command.key);
      if (child) void end(child, command.graceMilliseconds);
      break;
    }
  }
}

function start({ key, file, args, env, folder, stdout, stderr }: TaskOrder): void {
  const output = openSync(stdout, "w");
  // Two openings of one file would write over each other.
  const errors = stderr === stdout ? output : openSync(stderr, "w");
  const child = spawn(file, args, { cwd: folder, env, detached: true, stdio: ["ignore", output, errors] });
  for (const descriptor of new Set([output, errors])) closeSync(descriptor);
  child.once("spawn", () => {
    running.set(key, child);
    report({ agent: "started", key, pid: child.pid ?? 0 });
  });
  child.once("error", (error: NodeJS.ErrnoException) => {
    if (!running.has(key)) report({ agent: "refused", key, code: error.code ?? error.message });
  });
  child.once("exit", (code, signal) => {
    // What the program left behind in its group ends with it.
    signalGroup(child, "SIGKILL");
    running.delete(key);
    report({ agent: "ended", key, exitCode: code ?? 128 + (signals[signal ?? ""] ?? 0) });
  });
}

async function end(child: ChildProcess, milliseconds: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => {
    signalGroup(child, "SIGKILL");
  }, milliseconds);
  await exited;
  clearTimeout(timer);
}

async function endAll(milliseconds: number): Promise<void> {
  await Promise.all([...running.values()].map((child) => end(child, milliseconds)));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}
