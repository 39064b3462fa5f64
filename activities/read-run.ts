import { Failure } from "../model/failures.ts";
import type { RunId } from "../model/ids.ts";
import type { Run } from "../model/run.ts";
import type { Services } from "../services/services.ts";

/** @throws UnknownRun */
export async function readRun({ runs }: Pick<Services, "runs">, runId: RunId): Promise<Run> {
  const run = await runs.read(runId);
  if (!run) throw new Failure("UnknownRun", `There is no run ${runId}.`);
  return run;
}
