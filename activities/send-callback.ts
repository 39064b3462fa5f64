import type { Activities } from "../model/activities.ts";
import type { CallbackAddress, CallbackOutcome } from "../model/callback.ts";
import type { Clock } from "../model/clock.ts";
import { Failure } from "../model/failures.ts";
import { addCounts } from "../model/progress.ts";
import { isFinal, type Run } from "../model/run.ts";
import type { CallbackMessage, Services } from "../services/services.ts";
import { countSucceeded } from "./finish-run.ts";
import { readRun } from "./read-run.ts";

/**
 * Tells the waiting server job how the run ended. What Azure DevOps makes of it changes nothing in the run: it is
 * remembered, and the token is deleted. Throws only when vault or table cannot be reached; then it may be repeated.
 */
export async function sendCallback(
  services: Services,
  clock: Clock,
  { runId }: Parameters<Activities["sendCallback"]>[0],
): ReturnType<Activities["sendCallback"]> {
  const run = await readRun(services, runId);
  if (!isFinal(run.state)) return;
  if (run.callback?.state === "pending") {
    const outcome = await tell(services, clock, run, run.callback.address);
    await services.runs.apply(runId, { type: "calledBack", outcome });
  }
  await services.callbacks.forget(runId);
}

async function tell(
  services: Services,
  clock: Clock,
  run: Run,
  address: CallbackAddress,
): Promise<CallbackOutcome> {
  const message = await toMessage(services, run);
  try {
    await services.callbacks.send(run.id, address, message);
    return { state: "sent", at: clock().toISOString() };
  } catch (error) {
    if (!(error instanceof Failure) || !final.has(error.code)) throw error;
    return { state: "failed", at: clock().toISOString(), failure: error.toReport() };
  }
}

/** What another try would not mend; {@link Services.callbacks} has tried again already. */
const final: ReadonlySet<string> = new Set([
  "CallbackRefused",
  "CallbackUnanswered",
  "CallbackNotAllowed",
  "SecretMissing",
]);

async function toMessage({ progress }: Services, run: Run): Promise<CallbackMessage> {
  const counts = addCounts(await progress.summaries(run.id, run.buckets));
  const succeeded = countSucceeded(counts);
  return {
    result: run.state === "succeeded" ? "succeeded" : "failed",
    line: `sqlfleet run ${run.id} ended: ${run.state}; ${succeeded} of ${run.targets} targets succeeded.`,
  };
}
