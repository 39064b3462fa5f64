import { randomUUID } from "node:crypto";
import { jsonResponse, type WebRequest, type WebResponse } from "../web-server.ts";
import { findIdentity, type IdentityName, type LocalIdentity } from "./identities.ts";
import type { TokenIssuer } from "./tokens.ts";

/**
 * The two managed identity endpoints: the one of App Service (and Functions), and the instance metadata
 * service (IMDS) of a virtual machine. Both answer for the identities assigned to one host and no others.
 */
export interface IdentityHost {
  readonly identities: readonly LocalIdentity[];
  /** The secret a request to the App Service form must carry. */
  readonly header: string;
  readonly issuer: TokenIssuer;
}

export const appServicePath = "/msi/token";
const imdsPath = "/metadata/identity/oauth2/token";

export function answerManagedIdentity(host: IdentityHost, request: WebRequest): WebResponse {
  const path = request.url.pathname.replace(/\/$/, "");
  if (request.method !== "GET") return jsonResponse(405, { error: "method_not_allowed" });
  if (path === appServicePath) return answerAppService(host, request);
  if (path === imdsPath) return answerMetadata(host, request);
  return jsonResponse(404, { error: "not_found", error_description: `no such path: ${path}` });
}

/** https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
function answerAppService(host: IdentityHost, request: WebRequest): WebResponse {
  const refuse = (status: number, message: string): WebResponse =>
    jsonResponse(status, { statusCode: status, message, correlationId: randomUUID() });
  if (request.headers["x-identity-header"] !== host.header) return refuse(401, "Invalid X-IDENTITY-HEADER");
  const resource = request.url.searchParams.get("resource");
  if (resource === null) return refuse(400, "The resource parameter is required");
  const name = requestedName(request, "principal_id");
  const identity = findIdentity(host.identities, name);
  if (identity) return toTokenResponse(host, identity, resource);
  // No system-assigned identity exists here, so a request that names none finds none.
  return isNamed(name)
    ? refuse(
        400,
        "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
      )
    : refuse(400, "Unable to load the proper Managed Identity.");
}

/** https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
function answerMetadata(host: IdentityHost, request: WebRequest): WebResponse {
  const refuse = (description: string): WebResponse =>
    jsonResponse(400, { error: "invalid_request", error_description: description });
  if (request.headers["metadata"] !== "true") return refuse("Required metadata header not specified");
  const resource = request.url.searchParams.get("resource");
  if (resource === null) return refuse("Required query variable 'resource' is missing");
  const name = requestedName(request, "object_id");
  if (isNamed(name)) {
    const identity = findIdentity(host.identities, name);
    return identity ? toTokenResponse(host, identity, resource) : refuse("Identity not found");
  }
  const [only, ...others] = host.identities;
  if (!only) return refuse("Identity not found");
  if (others.length === 0) return toTokenResponse(host, only, resource);
  return refuse(
    "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request",
  );
}

function requestedName(request: WebRequest, principalParameter: string): IdentityName {
  const parameter = (name: string): string | undefined => request.url.searchParams.get(name) ?? undefined;
  return {
    clientId: parameter("client_id"),
    principalId: parameter(principalParameter),
    resourceId: parameter("mi_res_id") ?? parameter("msi_res_id"),
  };
}

const isNamed = (name: IdentityName): boolean => Object.values(name).some((value) => value !== undefined);

function toTokenResponse(host: IdentityHost, identity: LocalIdentity, resource: string): WebResponse {
  const { token, expiresOn } = host.issuer.issue(identity, resource);
  return jsonResponse(200, {
    access_token: token,
    client_id: identity.clientId,
    expires_in: String(host.issuer.lifetimeSeconds),
    expires_on: String(expiresOn),
    not_before: String(expiresOn - host.issuer.lifetimeSeconds),
    resource,
    token_type: "Bearer",
  });
}
