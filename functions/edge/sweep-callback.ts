import { sendCallback } from "../../activities/send-callback.ts";
import type { RunId } from "../../model/ids.ts";
import type { Services } from "../../services/services.ts";

/** A start that died halfway may have left a token and no run; a younger one may still be under way. Milliseconds. */
const orphanAge = 3_600_000;

/**
 * Sees to one token that is still kept: that of an ended run is used, for the callback that could not be sent when the
 * run ended, and deleted; one that belongs to nobody is deleted; that of a run under way stays.
 */
export async function sweepCallback(services: Services, runId: RunId, now: Date): Promise<void> {
  const run = await services.runs.read(runId);
  if (run) {
    await sendCallback(services, () => now, { runId });
  } else if (toAcceptedAt(runId) < now.getTime() - orphanAge) {
    await services.callbacks.forget(runId);
  }
}

/** `yyyymmdd-hhmmss-…`, UTC; milliseconds since 1970. */
function toAcceptedAt(runId: RunId): number {
  const [, year, month, day, ...time] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(runId) ?? [];
  return Date.parse(`${[year, month, day].join("-")}T${time.join(":")}Z`);
}
