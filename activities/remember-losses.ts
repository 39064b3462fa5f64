import type { Clock } from "../model/clock.ts";
import { applyRunEvent, type Run } from "../model/run.ts";
import type { WorkerLoss } from "../model/workers.ts";
import type { Services } from "../services/services.ts";

/**
 * Has the run remember what a look at one round's workers saw. Written only when it is news: most looks are quiet.
 * @param run as it was read lately.
 */
export async function rememberLosses(
  { runs }: Pick<Services, "runs">,
  clock: Clock,
  run: Run,
  { round, losses }: { readonly round: number; readonly losses: readonly WorkerLoss[] },
): Promise<void> {
  const event = { type: "workersLost", round, losses, at: clock().toISOString() } as const;
  if (applyRunEvent(run, event) !== run) await runs.apply(run.id, event);
}
