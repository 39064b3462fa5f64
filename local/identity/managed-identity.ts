import { randomUUID } from "node:crypto";
import { jsonResponse, type WebRequest, type WebResponse } from "../web-server.ts";
import { findIdentity, type IdentityName, type LocalIdentity } from "./identities.ts";
import { isKnownResource, unknownResource } from "./resources.ts";
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

/** The versions of the metadata service that have identities, but for those of a preview. */
const metadataVersions = new Set([
  ...["2018-02-01", "2018-04-02", "2018-10-01", "2019-02-01", "2019-03-11", "2019-04-30", "2019-06-01"],
  ...["2019-06-04", "2019-08-01", "2019-08-15", "2019-11-01", "2020-06-01", "2020-07-15", "2020-09-01"],
  ...["2020-10-01", "2020-12-01", "2021-01-01", "2021-02-01", "2021-03-01", "2021-05-01", "2021-10-01"],
  ...["2021-11-01", "2021-11-15", "2021-12-13", "2023-07-01", "2023-11-15", "2025-04-07"],
]);

/** https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
function answerMetadata(host: IdentityHost, request: WebRequest): WebResponse {
  const problem = findProblem(request);
  if (problem !== undefined) return refuseMetadata(problem);
  const resource = request.url.searchParams.get("resource") ?? "";
  const identity = chooseIdentity(host.identities, requestedName(request, "object_id"));
  if (typeof identity === "string") return refuseMetadata(identity);
  if (isKnownResource(resource)) return toTokenResponse(host, identity, resource);
  const ids = `Trace ID: ${randomUUID()} Correlation ID: ${randomUUID()}`;
  const text = `AADSTS500011: ${unknownResource(resource, host.issuer.tenantId)} ${ids}`;
  return refuseMetadata(text, "invalid_resource");
}

const refuseMetadata = (description: string, error = "invalid_request"): WebResponse =>
  jsonResponse(400, { error, error_description: description });

/** What is wrong with the request, whoever asks. */
function findProblem({ headers, url: { searchParams } }: WebRequest): string | undefined {
  if (headers["metadata"]?.toLowerCase() !== "true") return "Required metadata header not specified";
  const missing = ["api-version", "resource"].find((name) => !searchParams.get(name));
  if (missing !== undefined) return `Required query variable '${missing}' is missing`;
  const isKnown = metadataVersions.has(searchParams.get("api-version") ?? "");
  return isKnown ? undefined : "Invalid 'api-version' requested";
}

/** The identity that is named, or the only one; else why there is none. */
function chooseIdentity(identities: readonly LocalIdentity[], name: IdentityName): LocalIdentity | string {
  if (isNamed(name)) return findIdentity(identities, name) ?? "Identity not found";
  const [only, ...others] = identities;
  if (others.length === 0) return only ?? "Identity not found";
  return "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request";
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
