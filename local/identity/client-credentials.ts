import { X509Certificate } from "node:crypto";
import { findIdentity, type LocalIdentity } from "./identities.ts";
import { isSignedBy, type Jwt, parseJwt } from "./jwt.ts";
import type { TokenRefusal } from "./refusal.ts";
import type { TokenIssuer } from "./tokens.ts";

export interface Directory {
  readonly identities: readonly LocalIdentity[];
  readonly issuer: TokenIssuer;
}

/** Whom a token request proves to be: by secret, by certificate, or by another issuer's token. */
export function proveIdentity(
  directory: Directory,
  form: URLSearchParams,
  tokenEndpoint: string,
): LocalIdentity | TokenRefusal {
  const clientId = form.get("client_id") ?? "";
  const grant = form.get("grant_type") ?? "";
  if (grant !== "client_credentials") {
    const text = `The app requested an unsupported grant type '${grant}'.`;
    return { status: 400, error: "unsupported_grant_type", number: 70003, text };
  }
  const identity = findIdentity(directory.identities, { clientId });
  if (!identity) {
    const text = `Application with identifier '${clientId}' was not found in the directory.`;
    return { status: 400, error: "unauthorized_client", number: 700016, text };
  }
  const secret = form.get("client_secret");
  const assertion = form.get("client_assertion");
  if (secret !== null)
    return secret === identity.secret ? identity : wrong(7000215, "Invalid client secret provided.");
  if (assertion === null) {
    return wrong(7000218, "The request body must contain 'client_assertion' or 'client_secret'.");
  }
  return proveByAssertion(directory, identity, { token: assertion, tokenEndpoint });
}

function proveByAssertion(
  directory: Directory,
  identity: LocalIdentity,
  { token, tokenEndpoint }: { readonly token: string; readonly tokenEndpoint: string },
): LocalIdentity | TokenRefusal {
  const jwt = parseJwt(token);
  if (!jwt) return wrong(50027, "JWT token is invalid or malformed.");
  const self = jwt.claims["iss"] === identity.clientId && jwt.claims["sub"] === identity.clientId;
  return self
    ? proveByCertificate(identity, jwt, tokenEndpoint)
    : proveByFederation(directory, identity, token);
}

function proveByCertificate(
  identity: LocalIdentity,
  jwt: Jwt,
  tokenEndpoint: string,
): LocalIdentity | TokenRefusal {
  const certificates = (identity.certificates ?? []).map((pem) => new X509Certificate(pem));
  const certificate = certificates.find((each) => isSignedBy(jwt, each.publicKey));
  if (!certificate) {
    return wrong(
      700027,
      "The certificate used to sign the client assertion is not registered on application.",
    );
  }
  const now = Date.now();
  if (Date.parse(certificate.validTo) < now)
    return wrong(1000502, "The provided certificate is not valid: expired.");
  const { exp, aud } = jwt.claims;
  if (typeof exp !== "number" || exp * 1000 < now)
    return wrong(700024, "Client assertion is not within its valid time range.");
  if (aud !== tokenEndpoint) return wrong(7000215, `Client assertion audience must be ${tokenEndpoint}.`);
  return identity;
}

function proveByFederation(
  directory: Directory,
  identity: LocalIdentity,
  token: string,
): LocalIdentity | TokenRefusal {
  const subject = directory.issuer.verifyFederated(token);
  if (subject === undefined) return wrong(50027, "JWT token is invalid or malformed.");
  if (identity.federatedSubjects?.includes(subject)) return identity;
  return wrong(
    700213,
    `No matching federated identity record found for presented assertion subject '${subject}'.`,
  );
}

const wrong = (number: number, text: string): TokenRefusal => ({
  status: 401,
  error: "invalid_client",
  number,
  text,
});
