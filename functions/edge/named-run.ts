import type { HttpRequest } from "@azure/functions";
import { Failure } from "../../model/failures.ts";
import { RunId } from "../../model/ids.ts";
import type { Run } from "../../model/run.ts";
import type { Services } from "../../services/services.ts";

/** The run named in the route. @throws UnknownRun */
export async function readNamedRun(request: HttpRequest, { runs }: Pick<Services, "runs">): Promise<Run> {
  const text = request.params["runId"] ?? "";
  const runId = RunId.safeParse(text);
  const run = runId.success ? await runs.read(runId.data) : undefined;
  if (!run) throw new Failure("UnknownRun", `There is no run '${text}'.`);
  return run;
}
