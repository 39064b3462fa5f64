import type { Activities } from "../model/activities.ts";
import type { Services } from "../services/services.ts";
import { readRun } from "./read-run.ts";

/** Every round's job, also one whose launch failed halfway: its name is known from the run. */
export async function releaseCompute(
  services: Services,
  { runId, rounds }: Parameters<Activities["releaseCompute"]>[0],
): Promise<void> {
  const { plan } = await readRun(services, runId);
  const compute = services.compute[plan.compute.kind];
  for (let round = 1; round <= rounds; round += 1) await compute.release(runId, round);
}
