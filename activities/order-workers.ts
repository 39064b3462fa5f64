import type { Activities } from "../model/activities.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import type { Services } from "../services/services.ts";

/** Workers look at the control file every second. */
export async function orderWorkers(
  { files }: Services,
  { runId, order }: Parameters<Activities["orderWorkers"]>[0],
): Promise<void> {
  await files.write(stateContainer, stateFile.control(runId), JSON.stringify({ order }));
}
