import { app } from "@azure/functions";
import { z } from "zod";
import { Failure } from "../model/failures.ts";
import { SecretName } from "../model/secrets.ts";
import { answer } from "./edge/answer.ts";
import { audited } from "./edge/audited.ts";
import { services } from "./edge/app-services.ts";
import { readJson } from "./edge/read-body.ts";

/** Key Vault takes values up to 25,000 characters. */
const Value = z.string().min(1).max(25_000);

/** Step 1: stores secrets in the Key Vault. Answers names and versions, never values. */
app.http("putSecrets", {
  methods: ["PUT"],
  route: "secrets",
  authLevel: "function",
  handler: answer(
    audited(
      async (request) => {
        const values = parseSecrets(await readJson(request));
        const stored = [];
        for (const [name, value] of values) stored.push(await services.secrets.write(name, value));
        return { status: 200, jsonBody: { secrets: stored } };
      },
      { mendsAudit: true },
    ),
  ),
});

/** All or nothing: a body with one wrong name stores none. Messages name secrets and never quote values. */
function parseSecrets(body: unknown): readonly (readonly [SecretName, string])[] {
  const entries = z.record(z.string(), z.unknown()).safeParse(body);
  if (!entries.success || Object.keys(entries.data).length === 0) {
    throw new Failure("InvalidRequest", 'The body is an object of secrets: {"UserName": "…"}.');
  }
  return Object.entries(entries.data).map(
    ([name, value]) => [parseName(name), parseValue(name, value)] as const,
  );
}

function parseName(name: string): SecretName {
  const known = SecretName.safeParse(name);
  if (known.success) return known.data;
  throw new Failure("UnknownSecret", `'${name}' is none of ${SecretName.options.join(", ")}.`);
}

function parseValue(name: string, value: unknown): string {
  const known = Value.safeParse(value);
  if (known.success) return known.data;
  throw new Failure("InvalidSecretValue", `The value of ${name} is not a text of 1 to 25,000 characters.`);
}
