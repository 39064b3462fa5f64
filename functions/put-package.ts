import { app } from "@azure/functions";
import { readPackage } from "../services/package-reader/read-package.ts";
import { answer } from "./edge/answer.ts";
import { audited } from "./edge/audited.ts";
import { services } from "./edge/app-services.ts";
import { parsePackageName, storePackage } from "./edge/packages.ts";
import { readBytes } from "./edge/read-body.ts";
import { valueOf } from "./edge/refuse.ts";

/** Largest upload in bytes. */
const uploadLimit = 50 * 1024 * 1024;

/** Step 2: a package's bytes (.sbm, .zip or .sql); checked whole, then stored once by its SHA-256. */
app.http("putPackage", {
  methods: ["PUT"],
  route: "packages/{name}",
  authLevel: "function",
  handler: answer(
    audited(async (request) => {
      const name = parsePackageName(request.params["name"]);
      const bytes = await readBytes(request, uploadLimit, "PackageTooLarge");
      const content = valueOf(await readPackage(bytes, { fileName: `${name}.sql` }));
      const manifest = await storePackage(services, { name, bytes, content, at: new Date() });
      return { status: 200, jsonBody: manifest };
    }),
  ),
});
