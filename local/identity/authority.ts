import { jsonResponse, type WebRequest, type WebResponse } from "../web-server.ts";
import { type Directory, proveIdentity } from "./client-credentials.ts";
import { missingParameter, type TokenRefusal, toRefusal } from "./refusal.ts";
import { isKnownResource, unknownResource } from "./resources.ts";

/** The token endpoints of one tenant and the documents a client reads before it asks there. */
export interface Authority extends Directory {
  readonly tenantId: string;
}

export function answerAuthority(authority: Authority, request: WebRequest): WebResponse {
  const { pathname, origin } = request.url;
  if (pathname === "/common/discovery/instance") return jsonResponse(200, instanceDiscovery(request.url));
  const [, tenant = "", path = ""] = /^\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
  if (tenant.toLowerCase() !== authority.tenantId.toLowerCase()) {
    const text = `Tenant '${tenant}' not found.`;
    return refuse(authority, { status: 400, error: "invalid_request", number: 90002, text });
  }
  switch (`${request.method} ${path}`) {
    case "GET v2.0/.well-known/openid-configuration":
      return jsonResponse(200, openIdConfiguration(origin, tenant));
    case "GET discovery/v2.0/keys":
      return jsonResponse(200, authority.issuer.keys);
    case "POST oauth2/v2.0/token":
      return answerToken(authority, request, versions.v2);
    case "POST oauth2/token":
      return answerToken(authority, request, versions.v1);
    default:
      return jsonResponse(404, { error: "not_found", error_description: `no such path: ${pathname}` });
  }
}

/** How the two endpoints differ: what names the resource, and what a token is told with. */
interface Version {
  readonly parameter: "scope" | "resource";
  /** undefined: the parameter names none. */
  readonly toAudience: (value: string) => string | undefined;
  readonly toLifetime: (seconds: number, expiresOn: number, resource: string) => object;
}

const versions = {
  /** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
  v2: {
    parameter: "scope",
    toAudience: (scope) => {
      const suffix = "/.default";
      const found = scope.split(" ").find((each) => each.endsWith(suffix));
      return found?.slice(0, -suffix.length);
    },
    toLifetime: (seconds) => ({ expires_in: seconds, ext_expires_in: seconds }),
  },
  /** Its numbers are texts. https://learn.microsoft.com/previous-versions/azure/active-directory/azuread-dev/v1-oauth2-client-creds-grant-flow */
  v1: {
    parameter: "resource",
    toAudience: (resource) => resource,
    toLifetime: (seconds, expiresOn, resource) => ({
      ...{ expires_in: String(seconds), ext_expires_in: String(seconds), expires_on: String(expiresOn) },
      ...{ not_before: String(expiresOn - seconds), resource },
    }),
  },
} satisfies Record<string, Version>;

/** The client credentials grant, with a secret or with an assertion. */
function answerToken(
  authority: Authority,
  request: WebRequest,
  { parameter, toAudience, toLifetime }: Version,
): WebResponse {
  const form = new URLSearchParams(request.body.toString());
  const missing = ["grant_type", "client_id", parameter].find((name) => !form.get(name));
  if (missing !== undefined) return refuse(authority, missingParameter(missing));
  const proof = proveIdentity(authority, form, `${request.url.origin}${request.url.pathname}`);
  if ("error" in proof) return refuse(authority, proof);
  const audience = toAudience(form.get(parameter) ?? "");
  if (audience === undefined) {
    const text = "The provided value for the input parameter 'scope' is not valid.";
    return refuse(authority, { status: 400, error: "invalid_scope", number: 70011, text });
  }
  if (!isKnownResource(audience)) {
    const text = unknownResource(audience, authority.tenantId);
    return refuse(authority, { status: 400, error: "invalid_resource", number: 500011, text });
  }
  const { token, expiresOn } = authority.issuer.issue(proof, audience);
  const lifetime = toLifetime(authority.issuer.lifetimeSeconds, expiresOn, audience);
  return jsonResponse(200, { token_type: "Bearer", ...lifetime, access_token: token });
}

const refuse = (authority: Authority, refusal: TokenRefusal): WebResponse =>
  toRefusal(refusal, authority.issuer.now());

function openIdConfiguration(origin: string, tenant: string): object {
  const base = `${origin}/${tenant}`;
  return {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ["code", "id_token", "token"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
}

function instanceDiscovery({ origin, host }: URL): object {
  return {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
