import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { toProcessEnvironment } from "../../local/node-environment.ts";
import { root } from "../../local/root.ts";
import type { RunId } from "../../model/ids.ts";
import { toWorkerEnvironment } from "../../model/settings.ts";
import { stateContainer, stateFile } from "../../model/run-files.ts";
import type { Stage } from "./open-stage.ts";

interface WorkerRound {
  /** When each target's outcome was logged, milliseconds since 1970, in order. */
  readonly ends: readonly number[];
  /** Milliseconds from the last outcome to the process's end, told at once that the run is settled. */
  readonly tail: number;
}

interface RunWorkerOptions {
  readonly runId: RunId;
  readonly targets: number;
  /** For profiles: `--cpu-prof` and the like. */
  readonly nodeOptions?: readonly string[];
  /** After each outcome. */
  readonly onEnd?: (ended: number, pid: number) => void;
}

/** The real worker process, from its start to its exit, as a node would start it. @throws Error when a target failed */
export async function runWorker(stage: Stage, options: RunWorkerOptions): Promise<WorkerRound> {
  const { runId, targets } = options;
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), join(root, "worker", "main.ts")], {
    env: toEnvironment(stage, runId),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  try {
    const ends = await readEnds(stage, child.stdout, { ...options, pid: child.pid ?? 0 });
    await exited;
    const tail = Date.now() - (ends.at(-1) ?? 0);
    await stage.services.topic.unsubscribe(runId);
    if (ends.length < targets)
      throw new Error(`The worker ended after ${ends.length} of ${targets} targets.`);
    return { ends, tail };
  } finally {
    child.kill("SIGKILL");
  }
}

/** From the worker's log; after the last it is told that the run is settled. @throws Error when a target failed */
async function readEnds(
  stage: Stage,
  output: Readable,
  { runId, targets, onEnd, pid }: RunWorkerOptions & { readonly pid: number },
): Promise<readonly number[]> {
  const ends: number[] = [];
  for await (const line of createInterface({ input: output })) {
    const entry = JSON.parse(line) as LogLine;
    if (entry.level >= warning) process.stderr.write(`${line}\n`);
    if (entry.id !== "TargetEnded") continue;
    if (entry.state !== "committed") throw new Error(`A target was not committed: ${line}`);
    ends.push(entry.time);
    onEnd?.(ends.length, pid);
    if (ends.length === targets) await settle(stage, runId);
  }
  return ends;
}

interface LogLine {
  readonly id: string;
  readonly time: number;
  readonly level: number;
  readonly state?: string;
}

/** pino's number for it. */
const warning = 40;

function settle({ services }: Stage, runId: RunId): Promise<void> {
  return services.files.write(stateContainer, stateFile.control(runId), JSON.stringify({ order: "settled" }));
}

/** What a node's worker finds in its environment. */
export function toEnvironment({ parts, settings }: Stage, runId: RunId): Readonly<Record<string, string>> {
  return {
    ...toProcessEnvironment(parts.caFile),
    ...parts.workerIdentity,
    ...toWorkerEnvironment(settings, runId),
    WORKER_ID: "bench",
  };
}
