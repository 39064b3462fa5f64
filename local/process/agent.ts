import { fileURLToPath } from "node:url";
import { startChild } from "../child.ts";
import { createDeferred, type Deferred } from "../deferred.ts";
import { isRecord } from "../web-server.ts";
import type { AgentReport, TaskOrder } from "./node-agent.ts";

/** The stack's end of a node's agent. */
export interface Agent {
  /** @throws TaskNotStarted when the program cannot be started; Error when the node is gone. */
  start(order: TaskOrder): Promise<TaskProcess>;
  /** Ends the agent and, before it, its tasks. */
  stop(): Promise<void>;
  /** The node is lost: nothing on it gets a chance to say goodbye. */
  kill(): void;
}

export interface TaskProcess {
  readonly pid: number;
  /** The exit code, or `undefined` when the node went away under it. */
  readonly ended: Promise<number | undefined>;
  /** SIGTERM to its process group, SIGKILL when it has not ended in time. */
  end(graceMilliseconds: number): void;
}

/** `code` as Node's system errors: ENOENT, EACCES. */
export class TaskNotStarted extends Error {
  readonly code: string;
  constructor(file: string, code: string) {
    super(`cannot start ${file}: ${code}`);
    this.name = "TaskNotStarted";
    this.code = code;
  }
}

interface Start {
  readonly file: string;
  readonly started: Deferred<number>;
  readonly ended: Deferred<number | undefined>;
  pid?: number;
}

/** @param onLost the agent ended without being asked to; what it ran is gone. */
export async function startAgent(graceMilliseconds: number, onLost: () => void): Promise<Agent> {
  const starts = new Map<string, Start>();
  const child = await startChild<undefined>({
    module: fileURLToPath(new URL("node-agent.ts", import.meta.url)),
    args: [String(graceMilliseconds)],
    graceMilliseconds: graceMilliseconds + 2_000,
    onMessage: (message) => {
      if (isRecord(message)) take(starts, message as unknown as AgentReport);
    },
    onUnexpectedExit: () => {
      loseAll(starts);
      onLost();
    },
  });
  return {
    start: async (order) => {
      const start: Start = { file: order.file, started: createDeferred<number>(), ended: createDeferred() };
      starts.set(order.key, start);
      child.send({ agent: "start", order });
      const pid = await start.started.promise;
      return {
        pid,
        ended: start.ended.promise,
        end: (milliseconds) => {
          child.send({ agent: "end", key: order.key, graceMilliseconds: milliseconds });
        },
      };
    },
    stop: async () => {
      await child.stop();
      loseAll(starts);
    },
    kill: () => {
      process.kill(child.pid, "SIGKILL");
    },
  };
}

function take(starts: Map<string, Start>, report: AgentReport): void {
  const start = starts.get(report.key);
  if (!start) return;
  switch (report.agent) {
    case "started":
      start.pid = report.pid;
      start.started.resolve(report.pid);
      break;
    case "refused":
      starts.delete(report.key);
      start.started.reject(new TaskNotStarted(start.file, report.code));
      break;
    case "ended":
      starts.delete(report.key);
      start.ended.resolve(report.exitCode);
      break;
  }
}

/** Ends what a dead agent could not end any more. */
function loseAll(starts: Map<string, Start>): void {
  for (const { pid, started, ended } of starts.values()) {
    if (pid !== undefined) killGroup(pid);
    started.reject(new Error("the node is gone"));
    ended.resolve(undefined);
  }
  starts.clear();
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
