import { createHash } from "node:crypto";
import type { HttpRequest } from "@azure/functions";
import { z } from "zod";

/** Who calls, as far as the platform tells. */
export interface Caller {
  readonly who: string;
  readonly from?: string;
  /** App roles of Entra ID; none with a key alone. */
  readonly roles: readonly string[];
}

/** https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities */
const Principal = z.object({
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).default([]),
});

const roleClaims = ["roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"];
const nameClaims = [
  "preferred_username",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
  "appid",
  "azp",
];

/**
 * @param isAuthenticated App Service authentication is on: only then the platform writes the principal's header itself
 *   and drops one a caller sends
 */
export function readCaller(request: HttpRequest, isAuthenticated: boolean): Caller {
  const claims = isAuthenticated ? readClaims(request.headers.get("x-ms-client-principal")) : [];
  const find = (types: readonly string[]): readonly string[] =>
    claims.filter(({ typ }) => types.includes(typ)).map(({ val }) => val);
  const from = readAddress(request.headers.get("x-forwarded-for"));
  return {
    who: find(nameClaims)[0] ?? toKeyFingerprint(request),
    ...(from && { from }),
    roles: find(roleClaims),
  };
}

function readClaims(header: string | null): readonly { readonly typ: string; readonly val: string }[] {
  try {
    return Principal.parse(JSON.parse(Buffer.from(header ?? "", "base64").toString("utf8"))).claims;
  } catch {
    return [];
  }
}

/** The host does not say which key was shown. Keys have 256 bits: eight digits tell them apart and give nothing away. */
function toKeyFingerprint(request: HttpRequest): string {
  const key = request.headers.get("x-functions-key") ?? request.query.get("code");
  return key ? `key ${createHash("sha256").update(key).digest("hex").slice(0, 8)}` : "unknown";
}

/** The last address is the one the platform's front end added; those before it the caller may have made up. */
function readAddress(header: string | null): string | undefined {
  return header
    ?.split(",")
    .at(-1)
    ?.trim()
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
}
