import type { RunId } from "../../model/ids.ts";
import type { Services } from "../../services/services.ts";

/** Closes a run that never got its orchestration: nothing was made for it outside, so nothing needs cleaning up. */
export async function closeUnstarted({ runs }: Pick<Services, "runs">, runId: RunId): Promise<void> {
  const message = "The run could not be started.";
  const failure = { code: "ServiceUnavailable", message, help: "Post the run again." } as const;
  await runs.apply(runId, { type: "ended", state: "failed", at: new Date().toISOString(), failure });
}
