import { randomUUID } from "node:crypto";
import { jsonResponse, type WebRequest, type WebResponse } from "../web-server.ts";
import { type Directory, proveIdentity, type TokenRefusal } from "./client-credentials.ts";

/** The token endpoint of one tenant and the documents a client reads before it asks there. */
export interface Authority extends Directory {
  readonly tenantId: string;
}

export function answerAuthority(authority: Authority, request: WebRequest): WebResponse {
  const { pathname, origin } = request.url;
  if (pathname === "/common/discovery/instance") return jsonResponse(200, instanceDiscovery(request.url));
  const [, tenant = "", path = ""] = /^\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
  if (tenant.toLowerCase() !== authority.tenantId.toLowerCase()) {
    return refuse({
      status: 400,
      error: "invalid_request",
      number: 90002,
      text: `Tenant '${tenant}' not found.`,
    });
  }
  switch (`${request.method} ${path}`) {
    case "GET v2.0/.well-known/openid-configuration":
      return jsonResponse(200, openIdConfiguration(origin, tenant));
    case "GET discovery/v2.0/keys":
      return jsonResponse(200, authority.issuer.keys);
    case "POST oauth2/v2.0/token":
      return answerToken(authority, request);
    default:
      return jsonResponse(404, { error: "not_found", error_description: `no such path: ${pathname}` });
  }
}

/** The client credentials grant, with a secret or with an assertion. */
function answerToken(authority: Authority, request: WebRequest): WebResponse {
  const form = new URLSearchParams(request.body.toString());
  const proof = proveIdentity(authority, form, `${request.url.origin}${request.url.pathname}`);
  if ("error" in proof) return refuse(proof);
  const audience = toAudience(form.get("scope") ?? "");
  if (audience === undefined) {
    const text = "The provided value for the input parameter 'scope' is not valid.";
    return refuse({ status: 400, error: "invalid_scope", number: 70011, text });
  }
  const { token } = authority.issuer.issue(proof, audience);
  const lifetime = authority.issuer.lifetimeSeconds;
  return jsonResponse(200, {
    token_type: "Bearer",
    expires_in: lifetime,
    ext_expires_in: lifetime,
    access_token: token,
  });
}

/** The resource of the one scope this grant allows, `{resource}/.default`. */
function toAudience(scope: string): string | undefined {
  const suffix = "/.default";
  return scope
    .split(" ")
    .find((each) => each.endsWith(suffix))
    ?.slice(0, -suffix.length);
}

function refuse({ status, error, number, text }: TokenRefusal): WebResponse {
  const ids = { trace_id: randomUUID(), correlation_id: randomUUID() };
  return jsonResponse(status, {
    error,
    error_description: `AADSTS${number}: ${text} Trace ID: ${ids.trace_id} Correlation ID: ${ids.correlation_id}`,
    error_codes: [number],
    ...ids,
  });
}

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
