import type { Activities } from "../model/activities.ts";
import type { Services } from "../services/services.ts";

/** Every round's job, also one whose launch failed halfway: its name is known from the run. */
export async function releaseCompute(
  { compute }: Services,
  { runId, rounds }: Parameters<Activities["releaseCompute"]>[0],
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) await compute.release(runId, round);
}
