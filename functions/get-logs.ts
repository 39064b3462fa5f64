import { Readable } from "node:stream";
import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { Failure } from "../model/failures.ts";
import type { RunId } from "../model/ids.ts";
import { runsContainer } from "../model/run-files.ts";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";
import { fromCursor, toCursor } from "./edge/cursor.ts";
import { readNamedRun } from "./edge/named-run.ts";

/**
 * The run's files: the list, or with a path one of them, streamed. One function for both, because the Functions
 * host tries overlapping routes in the order of the functions' names, not by how specific they are
 * (azure-functions-host#9876).
 */
app.http("getLogs", {
  methods: ["GET"],
  route: "runs/{runId}/logs/{*path}",
  authLevel: "function",
  handler: answer(async (request) => {
    const { id } = await readNamedRun(request, services);
    const path = request.params["path"] ?? "";
    return path === "" ? listFiles(request, id) : readFile(id, path);
  }),
});

async function listFiles(request: HttpRequest, runId: RunId): Promise<HttpResponseInit> {
  const page = await services.files.list(runsContainer, `${runId}/`, { cursor: fromCursor(request) });
  const files = page.files.map((file) => {
    const path = file.path.slice(runId.length + 1);
    return { ...file, path, link: toLink(runId, path) };
  });
  return { jsonBody: { files, ...toCursor(page.cursor) } };
}

function toLink(runId: RunId, path: string): string {
  return `/api/runs/${runId}/logs/${path.split("/").map(encodeURIComponent).join("/")}`;
}

async function readFile(runId: RunId, path: string): Promise<HttpResponseInit> {
  const file = await services.files.open(runsContainer, `${runId}/${path}`);
  if (!file) throw new Failure("UnknownFile", `Run ${runId} has no file '${path}'.`);
  return { body: Readable.toWeb(file.content), headers: { "content-type": file.contentType } };
}
