import { app } from "@azure/functions";
import { runSteps } from "../model/run.ts";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";
import { fromCursor, toCursor } from "./edge/cursor.ts";

/** Newest first. Counts are a run's own: GET /api/runs/{id}. */
app.http("listRuns", {
  methods: ["GET"],
  route: "runs",
  authLevel: "function",
  handler: answer(async (request) => {
    const { runs, cursor } = await services.runs.list(fromCursor(request));
    const rows = runs.map(({ id, state, plan, targets, createdAt, endedAt }) => ({
      id,
      state,
      step: runSteps[state],
      package: plan.package,
      description: plan.description,
      targets: { total: targets },
      createdAt,
      endedAt,
      links: { self: `/api/runs/${id}` },
    }));
    return { jsonBody: { runs: rows, ...toCursor(cursor) } };
  }),
});
