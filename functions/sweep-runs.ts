import { app } from "@azure/functions";
import * as df from "durable-functions";
import type { Run } from "../model/run.ts";
import type { RunInput } from "../orchestrations/run.ts";
import { services } from "./edge/app-services.ts";
import { closeUnstarted } from "./edge/close-unstarted.ts";
import { planSweep } from "./edge/plan-sweep.ts";
import { tolerate } from "./edge/tolerate.ts";

/**
 * Finds runs whose call died before they were stored, and closes them; and runs whose orchestration was terminated,
 * purged or failed beyond its own clean-up, and has them cleaned up and closed.
 */
app.timer("sweepRuns", {
  schedule: "0 */5 * * * *",
  extraInputs: [df.input.durableClient()],
  handler: async (_, context) => {
    const client = df.getClient(context);
    for (const run of await services.runs.listOpen()) await tolerate(context, () => sweep(client, run));
  },
});

async function sweep(client: df.DurableClient, run: Run): Promise<void> {
  const { id, plan } = run;
  const step = planSweep(run, new Date());
  if (step === "close") await closeUnstarted(services, id);
  if (step !== "look" || (await isAlive(client, id))) return;
  const input: RunInput = { runId: id, rounds: plan.retry.attempts, interrupted: true };
  await client.startNew("run", { instanceId: id, input });
}

async function isAlive(client: df.DurableClient, instanceId: string): Promise<boolean> {
  try {
    const { runtimeStatus } = await client.getStatus(instanceId);
    return ["Pending", "Running", "Suspended", "ContinuedAsNew"].includes(runtimeStatus);
  } catch (error) {
    // The client has no code for "there is none"; its message carries the status.
    if (error instanceof Error && error.message.includes("404")) return false;
    throw error;
  }
}
