import { toFailure } from "../../model/failures.ts";
import type { RunId } from "../../model/ids.ts";
import type { Services } from "../../services/services.ts";

type NeededServices = Pick<Services, "callbacks" | "runs">;

/** Has the job's token in the vault before the run begins, and takes it out again when the run does not begin. */
export async function holdToken<T>(
  services: NeededServices,
  runId: RunId,
  token: string | undefined,
  begin: () => Promise<T>,
): Promise<T> {
  if (token === undefined) return begin();
  await services.callbacks.keep(runId, token);
  try {
    return await begin();
  } catch (error) {
    // When this fails too, the sweep of the callbacks finds the token.
    await letGo(services, runId, error).catch(() => undefined);
    throw error;
  }
}

/** The job is told by the call's answer that there is no run; nothing is posted to it. */
async function letGo({ callbacks, runs }: NeededServices, runId: RunId, error: unknown): Promise<void> {
  await callbacks.forget(runId);
  const outcome = {
    state: "failed",
    at: new Date().toISOString(),
    failure: toFailure(error).toReport(),
  } as const;
  await runs.apply(runId, { type: "calledBack", outcome });
}
