import { app } from "@azure/functions";
import { SecretName } from "../model/secrets.ts";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";

/** Which secrets are stored, and which documented ones are not; never a value. */
app.http("getSecrets", {
  methods: ["GET"],
  route: "secrets",
  authLevel: "function",
  handler: answer(async () => {
    const secrets = await services.secrets.list();
    const stored = new Set(secrets.map(({ name }) => name));
    return { jsonBody: { secrets, missing: SecretName.options.filter((name) => !stored.has(name)) } };
  }),
});
