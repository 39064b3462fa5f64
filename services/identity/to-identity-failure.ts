import { Failure, type FailureCode } from "../../model/failures.ts";

/**
 * What the token endpoints say, by their own words: the SDK has one error class for all of it.
 * AADSTS: https://learn.microsoft.com/entra/identity-platform/reference-error-codes; managed identities:
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling
 */
const signs: readonly (readonly [RegExp, FailureCode])[] = [
  // The host has several identities, or no system-assigned one, and was not told which.
  [
    /Multiple user assigned identities|Unable to load the proper Managed Identity/i,
    "IdentityClientIdMissing",
  ],
  [/No User Assigned or Delegated Managed Identity|Identity not found/i, "IdentityUnknown"],
  // 700016: no such application in the tenant. 90002: no such tenant.
  [/AADSTS(700016|90002)\b/, "IdentityUnknown"],
  [/AADSTS\d+/, "IdentityRefused"],
];

/** Why there is no token. Messages hold client ids and AADSTS texts, never a proof. */
export function toIdentityFailure(error: unknown, clientId: string | undefined): Failure {
  if (error instanceof Failure) return error;
  const text = toText(error);
  const found = signs.find(([sign]) => sign.test(text))?.[1] ?? "IdentityUnavailable";
  // Without an id the host chose by itself: that it found none is about the missing id.
  const code = found === "IdentityUnknown" && !clientId ? "IdentityClientIdMissing" : found;
  const who = clientId ? `the client id ${clientId}` : "no client id";
  return new Failure(code, `No token for ${who}: ${toReason(text)}`, { cause: error });
}

/** A chain of credentials says why only in the errors of its links. */
function toText(error: unknown): string {
  const { message, errors } = (error ?? {}) as { message?: unknown; errors?: unknown };
  const links: readonly unknown[] = Array.isArray(errors) ? errors : [];
  return [typeof message === "string" ? message : String(error), ...links.map(toText)].join("\n");
}

/** The endpoint's own sentence where there is one; the rest is "Not Available" over and over. */
function toReason(text: string): string {
  const sentence =
    /AADSTS\d+:.*?(?= Trace ID|\n|$)/.exec(text) ?? /(?<=Description: ).*?(?= - |\n|$)/.exec(text);
  return sentence?.[0] ?? text.split("\n")[0] ?? "";
}
