import { addAbortSignal } from "node:stream";
import pRetry from "p-retry";
import type { Activities } from "../model/activities.ts";
import type { Clock } from "../model/clock.ts";
import { toFailure } from "../model/failures.ts";
import { toJobId } from "../model/ids.ts";
import type { Run } from "../model/run.ts";
import { runFile, runsContainer } from "../model/run-files.ts";
import type { Workers } from "../model/workers.ts";
import type { Services, WorkerOutput } from "../services/services.ts";
import { readRun } from "./read-run.ts";
import { rememberLosses } from "./remember-losses.ts";

/** Longest that one output may take to be copied, in milliseconds: a run's end does not wait for it for ever. */
const copyPatience = 120_000;

/** One output after another, each as a stream: memory does not grow with what workers wrote. */
export async function collectOutputs(
  services: Services,
  clock: Clock,
  { runId, firstRound, lastRound, patienceSeconds }: Parameters<Activities["collectOutputs"]>[0],
): Promise<void> {
  const run = await readRun(services, runId);
  for (let round = firstRound; round <= lastRound; round += 1) {
    const { losses, late } = await waitForEnd(services, run, round, patienceSeconds);
    await rememberLosses(services, clock, run, { round, losses });
    const missing = [...late, ...(await copyOutputs(services, run, round))];
    if (missing.length > 0) await writeMissing(services, runFile.workersMissing(runId, round), missing);
  }
}

/** What was seen of workers that are to end, and why what they wrote may not be complete. */
interface End {
  readonly losses: Workers["losses"];
  readonly late: readonly string[];
}

class StillRunning extends Error {
  readonly losses: Workers["losses"];
  constructor(losses: Workers["losses"]) {
    super("Workers still ran when their outputs were copied: what they wrote later is missing.");
    this.losses = losses;
  }
}

/** Workers that have not started write nothing any more: only those that run are waited for. */
async function waitForEnd(
  { compute }: Services,
  { id, plan }: Run,
  round: number,
  patienceSeconds: number,
): Promise<End> {
  const { kind } = plan.compute;
  const look = async (): Promise<End> => {
    const { state, losses } = await compute[kind].state({ kind, jobId: toJobId(id, round) });
    if (state === "running") throw new StillRunning(losses);
    return { losses, late: [] };
  };
  const untilEnded = pRetry(look, {
    retries: Infinity,
    minTimeout: 250,
    maxTimeout: 2_000,
    factor: 1.5,
    maxRetryTime: patienceSeconds * 1_000,
    shouldRetry: ({ error }) => error instanceof StillRunning,
  });
  return untilEnded.catch((error: unknown) => {
    if (error instanceof StillRunning) return { losses: error.losses, late: [error.message] };
    return { losses: [], late: [`Workers were not waited for: ${toFailure(error).message}`] };
  });
}

/** @returns a line for each output that could not be copied: a log that is missing is no reason to fail a run. */
async function copyOutputs(services: Services, { id, plan }: Run, round: number): Promise<readonly string[]> {
  const missing: string[] = [];
  try {
    for await (const output of services.compute[plan.compute.kind].outputs(id, round)) {
      await copy(services, runFile.workerOutput(id, round, output), output).catch((error: unknown) => {
        missing.push(`${output.worker} ${output.name}: ${toFailure(error).message}`);
      });
    }
  } catch (error) {
    missing.push(`Further outputs: ${toFailure(error).message}`);
  }
  return missing;
}

async function copy({ files }: Services, path: string, { content }: WorkerOutput): Promise<void> {
  try {
    await files.writeStream(runsContainer, path, addAbortSignal(AbortSignal.timeout(copyPatience), content));
  } finally {
    // The next output may be asked for only when this one is done with.
    content.destroy();
  }
}

function writeMissing({ files }: Services, path: string, lines: readonly string[]): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join("");
  return files.write(runsContainer, path, text, "text/plain; charset=utf-8");
}
