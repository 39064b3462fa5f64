import { app } from "@azure/functions";
import { z } from "zod";
import { RunDocument } from "../model/run-document.ts";
import { answer } from "./edge/answer.ts";

/** JSON Schema (2020-12) of the run document, as a caller writes it: what has a default may be left out. */
app.http("getRunSchema", {
  methods: ["GET"],
  route: "schemas/run",
  authLevel: "function",
  handler: answer(() =>
    Promise.resolve({
      jsonBody: z.toJSONSchema(RunDocument, { io: "input" }),
      headers: { "content-type": "application/schema+json" },
    }),
  ),
});
