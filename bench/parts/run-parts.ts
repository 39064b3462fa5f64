import { fileURLToPath } from "node:url";
import type { Answer } from "../measure/meter.ts";
import type { Stage } from "../stage/open-stage.ts";
import { newRunId, toMessages } from "../stage/publish-run.ts";
import { runChild } from "../stage/run-child.ts";
import { toEnvironment } from "../stage/run-worker.ts";
import type { PartsJob } from "./child.ts";

/** The worker's own `run` in a process of its own, with some of its services taken away. */
export async function runParts(
  stage: Stage,
  part: Pick<PartsJob, "events" | "files" | "run">,
  targets: number,
): Promise<Answer> {
  const runId = newRunId();
  const job: PartsJob = { ...part, messages: toMessages(stage, runId, targets) };
  return runChild(fileURLToPath(new URL("child.ts", import.meta.url)), toEnvironment(stage, runId), job);
}
