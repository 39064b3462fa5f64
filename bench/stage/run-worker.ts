import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { toProcessEnvironment } from "../../local/node-environment.ts";
import { root } from "../../local/root.ts";
import type { RunId } from "../../model/ids.ts";
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
  const child = spawn(
    process.execPath,
    [...(options.nodeOptions ?? []), join(root, "worker", "main.ts")],
    { env: toWorkerSettings(stage, runId), stdio: ["ignore", "pipe", "inherit"] },
  );
  const exited = once(child, "exit");
  const ends: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as { id: string; time: number; level: number; state?: string };
    if (entry.level >= 40) process.stderr.write(`${line}\n`);
    if (entry.id !== "TargetEnded") continue;
    if (entry.state !== "committed") throw new Error(`A target was not committed: ${line}`);
    ends.push(entry.time);
    options.onEnd?.(ends.length, child.pid ?? 0);
    if (ends.length === targets) await settle(stage, runId);
  }
  await exited;
  const tail = Date.now() - (ends.at(-1) ?? 0);
  await stage.topic.unsubscribe(runId);
  if (ends.length < targets) throw new Error(`The worker ended after ${ends.length} of ${targets} targets.`);
  return { ends, tail };
}

function settle({ files }: Stage, runId: RunId): Promise<void> {
  return files.write(stateContainer, stateFile.control(runId), JSON.stringify({ order: "settled" }));
}

function toWorkerSettings({ parts, databases }: Stage, runId: RunId): NodeJS.ProcessEnv {
  const hosts = new Set(databases.map(({ server }) => server.split(/[,\\]/)[0]));
  return {
    ...toProcessEnvironment(parts.caFile),
    ...parts.workerIdentity,
    RUN_ID: runId,
    WORKER_ID: "bench",
    KEY_VAULT_URL: parts.keyVault.url,
    KEY_VAULT_VERIFY_CHALLENGE: "false",
    STORAGE_BLOB_URL: parts.storage.endpoints.blob,
    SERVICE_BUS_TOPIC: parts.topic,
    EVENT_HUB: parts.hub,
    SQL_SERVER_ALLOW_LIST: [...hosts].join(","),
  };
}
