import type { Activities } from "../model/activities.ts";
import type { Clock } from "../model/clock.ts";
import type { Services } from "../services/services.ts";

export async function advanceRun(
  { runs }: Services,
  clock: Clock,
  { runId, state }: Parameters<Activities["advanceRun"]>[0],
): ReturnType<Activities["advanceRun"]> {
  const run = await runs.apply(runId, { type: "reached", state, at: clock().toISOString() });
  return { goOn: run.cancelRequestedAt === undefined };
}
