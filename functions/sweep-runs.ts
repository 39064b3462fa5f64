import { app } from "@azure/functions";
import * as df from "durable-functions";
import { isFinal, type Run } from "../model/run.ts";
import type { RunInput } from "../orchestrations/run.ts";
import { services } from "./edge/app-services.ts";
import { tolerate } from "./edge/tolerate.ts";

/** A run younger than this may not have its orchestration yet, in milliseconds. */
const minimumAge = 30_000;

/**
 * Finds runs whose orchestration was terminated, purged or failed beyond its own clean-up, and has them cleaned up
 * and closed. Looks at the newest page: older runs were looked at when they were new.
 */
app.timer("sweepRuns", {
  schedule: "0 */5 * * * *",
  extraInputs: [df.input.durableClient()],
  handler: async (_, context) => {
    const client = df.getClient(context);
    const { runs } = await services.runs.list();
    const old = Date.now() - minimumAge;
    const open = runs.filter(({ state, createdAt }) => !isFinal(state) && Date.parse(createdAt) < old);
    for (const run of open) await tolerate(context, () => sweep(client, run));
  },
});

async function sweep(client: df.DurableClient, { id, plan }: Run): Promise<void> {
  if (await isAlive(client, id)) return;
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
