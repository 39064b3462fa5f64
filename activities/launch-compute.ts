import type { Activities } from "../model/activities.ts";
import type { Services } from "../services/services.ts";
import { readRun } from "./read-run.ts";

export async function launchCompute(
  services: Services,
  { runId, round }: Parameters<Activities["launchCompute"]>[0],
): ReturnType<Activities["launchCompute"]> {
  const { plan } = await readRun(services, runId);
  return services.compute[plan.compute.kind].launch(runId, plan, round);
}
