import { app } from "@azure/functions";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";

/** Every operator's action: who, when, what, from where, and how it was answered. Newest first. */
app.http("getAudit", {
  methods: ["GET"],
  route: "audit",
  authLevel: "function",
  handler: answer(async (request) => ({
    jsonBody: await services.audit.list(request.query.get("cursor") ?? undefined),
  })),
});
