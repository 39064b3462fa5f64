import { setTimeout as wait } from "node:timers/promises";
import type { Failure } from "../model/failures.ts";
import type { RunId } from "../model/ids.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import type { Files } from "../services/services.ts";

/** Milliseconds: the process ends for a reason, and that may be the storage itself. */
const patience = 5_000;

/** Leaves the reason where the run looks for it. Best effort: it is in the worker's output too. Never throws. */
export async function tellStartFailure(
  files: Pick<Files, "write">,
  { runId, workerId }: { readonly runId: RunId; readonly workerId: string },
  { code, message }: Failure,
): Promise<void> {
  const path = stateFile.startFailure(runId, workerId);
  const written = files.write(stateContainer, path, JSON.stringify({ code, message })).catch(() => undefined);
  await Promise.race([written, wait(patience, undefined, { ref: false })]);
}
