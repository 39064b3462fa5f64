import type { VerifyToken } from "../identity/verify.ts";
import { bearerToken, type WebRequest } from "../web-server.ts";
import { isSignedByAccount } from "./data/shared-key.ts";
import { BatchError } from "./errors.ts";

/** Which identity may use which plane: roles, as far as they matter here. */
export interface BatchAccess {
  readonly clientId: string;
  readonly planes: readonly Plane[];
}

type Plane = "management" | "data";

export interface Guard {
  readonly account: { readonly name: string; readonly keys: readonly string[] };
  readonly verifyToken: VerifyToken;
  readonly access: readonly BatchAccess[];
}

/** The data plane takes the account's key or a token for Batch. @throws BatchError */
export function admitToData(guard: Guard, request: WebRequest): void {
  const token = bearerToken(request);
  if (token !== undefined) {
    admitToken(guard, token, "data", ["https://batch.core.windows.net"]);
  } else if (request.headers["authorization"] === undefined) {
    throw new BatchError(401, "AuthenticationFailed", "The request carries no authorization.");
  } else if (!isSignedByAccount(request, guard.account)) {
    throw new BatchError(
      403,
      "AuthenticationFailed",
      "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
    );
  }
}

/** The management plane takes a token for Azure Resource Manager, under any of its names. @throws BatchError */
export function admitToManagement(guard: Guard, request: WebRequest): void {
  const token = bearerToken(request);
  if (token === undefined) {
    throw new BatchError(
      401,
      "AuthenticationFailed",
      "Authentication failed. The 'Authorization' header is missing.",
    );
  }
  // A client with its own endpoint asks for a token for that endpoint.
  const names = ["https://management.azure.com", "https://management.core.windows.net", request.url.origin];
  admitToken(guard, token, "management", names);
}

function admitToken(guard: Guard, token: string, plane: Plane, audience: readonly string[]): void {
  const claims = guard.verifyToken(token, { audience });
  if (!claims) {
    const status = plane === "data" ? 403 : 401;
    const code = plane === "data" ? "AuthenticationFailed" : "InvalidAuthenticationToken";
    throw new BatchError(status, code, `The access token is not valid for ${audience.join(" or ")}.`);
  }
  const granted = guard.access.find(({ clientId }) => clientId.toLowerCase() === claims.appid.toLowerCase());
  if (granted?.planes.includes(plane)) return;
  const code = plane === "data" ? "AuthorizationPermissionMismatch" : "AuthorizationFailed";
  throw new BatchError(
    403,
    code,
    `The client '${claims.appid}' with object id '${claims.oid}' has no role that allows this.`,
  );
}
