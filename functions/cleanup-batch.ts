import { app } from "@azure/functions";
import { answer } from "./edge/answer.ts";
import { audited } from "./edge/audited.ts";
import { services, settings } from "./edge/app-services.ts";

/** Has the Batch pool deleted with all its nodes; the next run makes it anew. Runs on it lose their workers. */
app.http("cleanupBatch", {
  methods: ["POST"],
  route: "compute/batch/cleanup",
  authLevel: "function",
  handler: answer(
    audited(async () => {
      await services.batchPool.remove();
      return { status: 202, jsonBody: { pool: settings.BATCH_POOL_ID } };
    }),
  ),
});
