import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createDeferred } from "./deferred.ts";

/**
 * A part of the stack in a process of its own. The child holds an IPC channel to this process and exits
 * when the channel closes (see child-side.ts), so it does not outlive this process, kill -9 included.
 */
export interface RunningChild<Ready> {
  readonly pid: number;
  /** What the child said when it was ready. */
  readonly ready: Ready;
  send(message: unknown): void;
  /** SIGTERM, then SIGKILL when it has not ended in time. Safe to call again. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would end it. */
  kill(): Promise<void>;
}

export interface ChildOptions {
  /** Absolute path of the module: a .ts file that calls `runAsChild`. */
  readonly module: string;
  readonly args?: readonly string[];
  /** The child's whole environment; nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The child ended without being asked to. */
  readonly onUnexpectedExit?: (reason: string) => void;
  readonly onMessage?: (message: unknown) => void;
  /** How long to wait for the child to be ready. Default 30 s. */
  readonly readyMilliseconds?: number;
  /** How long to wait between SIGTERM and SIGKILL. Default 5 s. */
  readonly graceMilliseconds?: number;
}

/** The first message a child sends. */
export type FirstMessage =
  | { readonly child: "ready"; readonly payload: unknown }
  | { readonly child: "failed"; readonly message: string };

/**
 * Starts a module as a child and waits until it says it is ready. The caller names the payload's type: it
 * knows the module it starts.
 * @throws Error when the child fails, ends or says nothing in time; it is gone by then.
 */
export async function startChild<Ready>(options: ChildOptions): Promise<RunningChild<Ready>> {
  const child = fork(options.module, [...(options.args ?? [])], {
    env: options.env ?? {},
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv: [],
    // Out of the terminal's process group: on Ctrl-C this process decides the order in which parts stop.
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const lastWords = collectLastWords(child);
  let ready: Ready;
  try {
    ready = (await firstMessage(child, options.readyMilliseconds ?? 30_000, lastWords)) as Ready;
  } catch (error) {
    await stopChild(child, 0);
    throw error;
  }
  let asked = false;
  child.on("message", (message) => options.onMessage?.(message));
  child.once("exit", (code, signal) => {
    if (!asked) options.onUnexpectedExit?.(`${exitReason(code, signal)}${lastWords()}`);
  });
  return {
    pid: child.pid ?? 0,
    ready,
    send: (message) => {
      // It may just have died: then its end is told, and what was said to it is nobody's any more.
      if (child.connected) child.send(message as object, () => undefined);
    },
    stop: () => {
      asked = true;
      return stopChild(child, options.graceMilliseconds ?? 5_000);
    },
    kill: () => {
      asked = true;
      return stopChild(child, 0);
    },
  };
}

function firstMessage(child: ChildProcess, milliseconds: number, lastWords: () => string): Promise<unknown> {
  const { promise, resolve, reject } = createDeferred<unknown>();
  const timer = setTimeout(() => {
    reject(new Error(`child said nothing for ${milliseconds} ms${lastWords()}`));
  }, milliseconds);
  child.once("message", (message) => {
    const first = message as FirstMessage;
    if (first.child === "ready") resolve(first.payload);
    else reject(new Error(first.message));
  });
  child.once("error", reject);
  child.once("exit", (code, signal) => {
    reject(new Error(`child ended before it was ready: ${exitReason(code, signal)}${lastWords()}`));
  });
  return promise.finally(() => {
    clearTimeout(timer);
  });
}

async function stopChild(child: ChildProcess, graceMilliseconds: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, "exit");
  child.kill(graceMilliseconds > 0 ? "SIGTERM" : "SIGKILL");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMilliseconds);
  await exited;
  clearTimeout(timer);
}

const exitReason = (code: number | null, signal: string | null): string =>
  signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`;

/** The end of what the child wrote to stderr: the only trace of why it fell over. */
function collectLastWords(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    text = (text + chunk).slice(-2_000);
  });
  return () => (text === "" ? "" : `\n${text}`);
}
