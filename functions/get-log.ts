import { Readable } from "node:stream";
import { app } from "@azure/functions";
import { Failure } from "../model/failures.ts";
import { isPublicFile, runsContainer } from "../model/run-files.ts";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";
import { readNamedRun } from "./edge/named-run.ts";

/** One file of a run, as `GET …/logs` lists it; streamed. */
app.http("getLog", {
  methods: ["GET"],
  route: "runs/{runId}/logs/{*path}",
  authLevel: "function",
  handler: answer(async (request) => {
    const { id } = await readNamedRun(request, services);
    const path = request.params["path"] ?? "";
    const file = isPublicFile(path) ? await services.files.open(runsContainer, `${id}/${path}`) : undefined;
    if (!file) throw new Failure("UnknownFile", `Run ${id} has no file '${path}'.`);
    return { body: Readable.toWeb(file.content), headers: { "content-type": file.contentType } };
  }),
});
