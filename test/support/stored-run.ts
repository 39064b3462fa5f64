import { toBucketSizes } from "../../model/progress.ts";
import type { Run } from "../../model/run.ts";
import { runsContainer, stateContainer, stateFile } from "../../model/run-files.ts";
import type { Target } from "../../model/target.ts";
import type { Services } from "../../services/services.ts";
import { newRunId, sampleRun, sampleTarget } from "./sample-run.ts";

export const sampleTargets = (count: number): Target[] =>
  Array.from({ length: count }, (_, index) => sampleTarget(index + 1));

/** A run as the edge leaves it: its row, and its targets by bucket. */
export async function storeRun(
  { files, runs }: Services,
  targets: readonly Target[],
  more: Partial<Run> = {},
): Promise<Run> {
  const run = sampleRun(newRunId(), targets.length, more);
  await runs.create(run);
  let start = 0;
  for (const [bucket, size] of toBucketSizes(targets.length).entries()) {
    const part = JSON.stringify(targets.slice(start, start + size));
    await files.write(stateContainer, stateFile.targets(run.id, bucket), part);
    start += size;
  }
  return run;
}

/** @throws when it is not there. */
export async function readText(
  { files }: Services,
  path: string,
  container = runsContainer,
): Promise<string> {
  const content = await files.read(container, path);
  if (!content) throw new Error(`${path} is not there.`);
  return Buffer.from(content).toString("utf8");
}
