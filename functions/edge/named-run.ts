import type { HttpRequest } from "@azure/functions";
import { Failure } from "../../model/failures.ts";
import { RunId } from "../../model/ids.ts";
import type { Run } from "../../model/run.ts";
import type { Services } from "../../services/services.ts";

/** The run named in the route. @throws UnknownRun */
export function readNamedRun(request: HttpRequest, services: Pick<Services, "runs">): Promise<Run> {
  return findRun(request.params["runId"] ?? "", services);
}

/** @throws UnknownRun */
export async function findRun(text: string, { runs }: Pick<Services, "runs">): Promise<Run> {
  const runId = RunId.safeParse(text);
  const run = runId.success ? await runs.read(runId.data) : undefined;
  if (!run) throw new Failure("UnknownRun", `There is no run '${text}'.`);
  return run;
}
