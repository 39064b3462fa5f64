import type { TargetOutcome } from "../../model/target.ts";
import type { SqlAuth } from "./sql/connect.ts";

/** SQL Server names the login it refuses ("Login failed for user 'x'"); the fleet's user name is a secret. */
export function redactText(text: string, auth: SqlAuth): string {
  if (auth.kind !== "Password") return text;
  const quoted = text.replaceAll(`'${auth.userName}'`, "'***'");
  return auth.password === "" ? quoted : quoted.replaceAll(auth.password, "***");
}

export function redactLogin(outcome: TargetOutcome, auth: SqlAuth): TargetOutcome {
  if (!outcome.error) return outcome;
  return { ...outcome, error: { ...outcome.error, message: redactText(outcome.error.message, auth) } };
}
