import { createPublicKey } from "node:crypto";
import { isSignedBy, parseJwt } from "./jwt.ts";

/** What the stand-ins learn from a token they accept. Times are seconds since 1970. */
export interface TokenClaims {
  /** Client id of the identity. */
  readonly appid: string;
  /** Object id of its service principal. */
  readonly oid: string;
  readonly tid: string;
  readonly aud: string;
  readonly exp: number;
}

/**
 * Accepts an access token of this stack, for one of these audiences, that has not run out.
 * A slash at the end of an audience does not count: libraries disagree about it.
 */
export type VerifyToken = (
  token: string,
  expected: { readonly audience: string | readonly string[] },
) => TokenClaims | undefined;

/** All it takes to verify tokens; plain text, so that it can be handed to another process. */
export interface TokenTrust {
  readonly tenantId: string;
  /** PEM */
  readonly publicKey: string;
}

/** @param now milliseconds since 1970 */
export function createVerifyToken(trust: TokenTrust, now: () => number): VerifyToken {
  const issuer = toIssuer(trust.tenantId);
  return (token, { audience }) => {
    const claims = readToken(token, { ...trust, issuer, audiences: [audience].flat() }, now());
    // Signed by the stack, so its shape is the one the stack gives.
    return claims as TokenClaims | undefined;
  };
}

/** Azurite takes a token as Entra's by this issuer. */
export const toIssuer = (tenantId: string): string => `https://sts.windows.net/${tenantId}/`;

interface Expected {
  readonly publicKey: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
}

/** The claims of a token that is what it should be. */
export function readToken(
  token: string,
  { publicKey, issuer, audiences }: Expected,
  now: number,
): Readonly<Record<string, unknown>> | undefined {
  const jwt = parseJwt(token);
  if (!jwt || !isSignedBy(jwt, createPublicKey(publicKey)) || jwt.claims["iss"] !== issuer) return undefined;
  const { exp, aud } = jwt.claims;
  if (typeof exp !== "number" || exp * 1000 <= now || typeof aud !== "string") return undefined;
  return audiences.map(withoutSlash).includes(withoutSlash(aud)) ? jwt.claims : undefined;
}

const withoutSlash = (audience: string): string => audience.replace(/\/+$/, "");
