import { app } from "@azure/functions";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";
import { fromCursor, toCursor } from "./edge/cursor.ts";
import { listPackages } from "./edge/packages.ts";

app.http("listPackages", {
  methods: ["GET"],
  route: "packages",
  authLevel: "function",
  handler: answer(async (request) => {
    const { packages, cursor } = await listPackages(services, fromCursor(request));
    return { jsonBody: { packages, ...toCursor(cursor) } };
  }),
});
