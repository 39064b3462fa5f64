import { app } from "@azure/functions";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";
import { parsePackageName, readManifestByName } from "./edge/packages.ts";

app.http("getPackage", {
  methods: ["GET"],
  route: "packages/{name}",
  authLevel: "function",
  handler: answer(async (request) => ({
    jsonBody: await readManifestByName(services, parsePackageName(request.params["name"])),
  })),
});
