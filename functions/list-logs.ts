import { app } from "@azure/functions";
import { isPublicFile, runsContainer } from "../model/run-files.ts";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";
import { fromCursor, toCursor } from "./edge/cursor.ts";
import { readNamedRun } from "./edge/named-run.ts";

app.http("listLogs", {
  methods: ["GET"],
  route: "runs/{runId}/logs",
  authLevel: "function",
  handler: answer(async (request) => {
    const { id } = await readNamedRun(request, services);
    const page = await services.files.list(runsContainer, `${id}/`, { cursor: fromCursor(request) });
    const files = page.files
      .map((file) => ({ ...file, path: file.path.slice(id.length + 1) }))
      .filter(({ path }) => isPublicFile(path))
      .map((file) => ({
        ...file,
        link: `/api/runs/${id}/logs/${file.path.split("/").map(encodeURIComponent).join("/")}`,
      }));
    return { jsonBody: { files, ...toCursor(page.cursor) } };
  }),
});
