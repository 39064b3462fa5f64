import { app } from "@azure/functions";
import { z } from "zod";
import { Failure } from "../model/failures.ts";
import { answer } from "./edge/answer.ts";
import { audited } from "./edge/audited.ts";
import { services, settings } from "./edge/app-services.ts";
import { readJson } from "./edge/read-body.ts";

const Body = z.strictObject({ nodes: z.int().min(1).max(1_000) });

/** Warms Batch nodes before a run, which then finds them started. They cost until the cleanup. */
app.http("prestageBatch", {
  methods: ["POST"],
  route: "compute/batch/prestage",
  authLevel: "function",
  handler: answer(
    audited(async (request) => {
      const body = Body.safeParse(await readJson(request));
      if (!body.success) throw new Failure("InvalidLimit", 'The body is {"nodes": n}, n from 1 to 1,000.');
      const { nodes } = body.data;
      await services.batchPool.prestage(nodes);
      return { status: 202, jsonBody: { pool: settings.BATCH_POOL_ID, nodes } };
    }),
  ),
});
