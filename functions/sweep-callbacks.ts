import { app } from "@azure/functions";
import { services } from "./edge/app-services.ts";
import { sweepCallback } from "./edge/sweep-callback.ts";
import { tolerate } from "./edge/tolerate.ts";

/** No job's token outlives its run for long. While no job waits this costs one call of the vault. */
app.timer("sweepCallbacks", {
  schedule: "0 7,22,37,52 * * * *",
  handler: async (_, context) => {
    await tolerate(context, async () => {
      for (const runId of await services.callbacks.list()) {
        await tolerate(context, () => sweepCallback(services, runId, new Date()));
      }
    });
  },
});
