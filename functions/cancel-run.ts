import { app } from "@azure/functions";
import * as df from "durable-functions";
import { Failure } from "../model/failures.ts";
import { toWatchInstanceId, wakeEvent } from "../model/ids.ts";
import type { RunControl } from "../model/messages.ts";
import { isFinal } from "../model/run.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import { answer } from "./edge/answer.ts";
import { audited } from "./edge/audited.ts";
import { services } from "./edge/app-services.ts";
import { raise } from "./edge/raise.ts";
import { readNamedRun } from "./edge/named-run.ts";

/**
 * Cancels a run in whatever state it is. When this answers, workers take nothing new from their next look at
 * the control file on (within a second or two); what they have in hand ends committed or rolled back.
 */
app.http("cancelRun", {
  methods: ["POST"],
  route: "runs/{runId}/cancel",
  authLevel: "function",
  extraInputs: [df.input.durableClient()],
  handler: answer(
    audited(async (request, context) => {
      const { id } = await readNamedRun(request, services);
      const run = await services.runs.apply(id, { type: "cancelRequested", at: new Date().toISOString() });
      if (isFinal(run.state)) throw new Failure("RunAlreadyEnded", `Run ${id} has ended: ${run.state}.`);
      const order: RunControl = { order: "stop" };
      await services.files.write(stateContainer, stateFile.control(id), JSON.stringify(order));
      await raise(df.getClient(context), toWatchInstanceId(id), wakeEvent);
      return {
        status: 202,
        headers: { location: `/api/runs/${id}` },
        jsonBody: { id, cancelRequested: true },
      };
    }),
  ),
});
