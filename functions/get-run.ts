import { app } from "@azure/functions";
import { isFinal } from "../model/run.ts";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";
import { readNamedRun } from "./edge/named-run.ts";
import { toRunView } from "./edge/run-view.ts";

/** 202 while the run goes on, 200 when it ended: what a polling pipeline needs to know. */
app.http("getRun", {
  methods: ["GET"],
  route: "runs/{runId}",
  authLevel: "function",
  handler: answer(async (request) => {
    const run = await readNamedRun(request, services);
    const summaries = await services.progress.summaries(run.id, run.buckets);
    const view = toRunView(run, summaries, new Date());
    return isFinal(run.state)
      ? { status: 200, jsonBody: view }
      : { status: 202, jsonBody: view, headers: { "retry-after": "2" } };
  }),
});
