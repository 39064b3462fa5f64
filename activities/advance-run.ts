import type { Activities } from "../model/activities.ts";
import type { Clock } from "../model/clock.ts";
import { isFinal } from "../model/run.ts";
import type { Services } from "../services/services.ts";

export async function advanceRun(
  { runs }: Services,
  clock: Clock,
  { runId, state }: Parameters<Activities["advanceRun"]>[0],
): ReturnType<Activities["advanceRun"]> {
  const run = await runs.apply(runId, { type: "reached", state, at: clock().toISOString() });
  // Ended already: the call that started the run was told it had not worked, and closed it.
  return { goOn: run.cancelRequestedAt === undefined && !isFinal(run.state) };
}
