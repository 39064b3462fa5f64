import { generateKeyPair, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import type { Clock } from "../part.ts";
import type { LocalIdentity } from "./identities.ts";
import { signJwt } from "./jwt.ts";
import { createVerifyToken, readToken, toIssuer, type TokenTrust, type VerifyToken } from "./verify.ts";

export interface TokenIssuer {
  readonly tenantId: string;
  readonly lifetimeSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** An access token for `audience`, as `identity`. */
  issue(identity: LocalIdentity, audience: string): { readonly token: string; readonly expiresOn: number };
  /** A token as a cluster gives to a pod, to be exchanged at the token endpoint. */
  readonly issueFederated: (subject: string) => string;
  /** The subject of a token made by `issueFederated`. */
  verifyFederated(token: string): string | undefined;
  readonly verify: VerifyToken;
  readonly trust: TokenTrust;
  /** The public key, as JWKS. */
  readonly keys: { readonly keys: readonly object[] };
}

const federation = { iss: "https://localhost/sqlfleet-cluster/", aud: "api://AzureADTokenExchange" };

/** Signs with a key of its own, made now. */
export async function createTokenIssuer(settings: {
  readonly tenantId: string;
  readonly clock: Clock;
  readonly lifetimeSeconds: number;
}): Promise<TokenIssuer> {
  const { tenantId, clock, lifetimeSeconds } = settings;
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const kid = randomUUID();
  const trust = { tenantId, publicKey: publicKey.export({ type: "spki", format: "pem" }).toString() };
  const sign = (claims: object): { token: string; expiresOn: number } => {
    const now = Math.floor(clock.now() / 1000);
    const times = { iat: now, nbf: now, exp: now + lifetimeSeconds };
    return { token: signJwt({ kid }, { ...times, ...claims }, privateKey), expiresOn: times.exp };
  };
  return {
    ...{ tenantId, lifetimeSeconds, now: () => clock.now() },
    issue: ({ clientId, principalId }, audience) => {
      const who = { appid: clientId, oid: principalId, sub: principalId, idtyp: "app" };
      return sign({ iss: toIssuer(tenantId), aud: audience, tid: tenantId, ver: "1.0", ...who });
    },
    issueFederated: (subject) => sign({ ...federation, sub: subject }).token,
    verifyFederated: (token) => {
      const expected = { ...trust, issuer: federation.iss, audiences: [federation.aud] };
      const subject = readToken(token, expected, clock.now())?.["sub"];
      return typeof subject === "string" ? subject : undefined;
    },
    verify: createVerifyToken(trust, () => clock.now()),
    trust,
    keys: { keys: [{ ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" }] },
  };
}
