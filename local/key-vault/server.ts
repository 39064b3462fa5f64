import type { TokenClaims, VerifyToken } from "../identity/verify.ts";
import { type Clock, type RunningPart, systemClock } from "../part.ts";
import {
  bearerToken,
  startWebServer,
  type WebFault,
  type WebRequest,
  type WebResponse,
} from "../web-server.ts";
import { refuse } from "./operations.ts";
import { findRoute, type Route } from "./routes.ts";
import { createSecrets, type Secrets } from "./secrets.ts";

/** Who may do what: `read` as the role Key Vault Secrets User, `readWrite` as Key Vault Secrets Officer. */
interface VaultAccess {
  readonly clientId: string;
  readonly permissions: "read" | "readWrite";
}

export interface KeyVaultOptions {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly verifyToken: VerifyToken;
  readonly access: readonly VaultAccess[];
  /** `{authorityHost}/{tenant}`: where the challenge sends a client for a token. */
  readonly authority?: string;
  readonly clock?: Clock;
  readonly port?: number;
  readonly fault?: WebFault;
}

export interface RunningKeyVault extends RunningPart {
  /** `https://localhost:{port}`; clients need `disableChallengeResourceVerification: true`. */
  readonly url: string;
  /** Replaces the role assignments: a role that has not propagated yet, or one taken away. */
  assign(access: readonly VaultAccess[]): void;
}

/** `7.4`, `2016-10-01`, either with `-preview` and a number. */
const knownVersion = /^(?:7\.\d|20\d\d-\d\d-\d\d)(?:-preview(?:\.\d)?)?$/;

const audience = "https://vault.azure.net";

/**
 * Secrets of one vault over https: versions, attributes, soft delete, paging; never written to disk or
 * logged. Keys, certificates, backup and throttling are not imitated.
 */
export async function startKeyVault(options: KeyVaultOptions): Promise<RunningKeyVault> {
  const { tls, fault, port, clock = systemClock } = options;
  const secrets = createSecrets(() => Math.floor(clock.now() / 1000));
  let access = options.access;
  const server = await startWebServer({
    handler: (request) => answer({ ...options, access }, secrets, request),
    ...{ tls, fault, port },
  });
  return {
    url: server.origin,
    assign: (next) => {
      access = next;
    },
    env: { KEY_VAULT_URL: server.origin },
    listening: [{ name: "Key Vault", address: server.origin }],
    stop: () => server.stop(),
  };
}

function answer(options: KeyVaultOptions, secrets: Secrets, request: WebRequest): WebResponse {
  const token = bearerToken(request);
  if (token === undefined) return challenge(options, "AKV10000: Request is missing a Bearer or PoP token.");
  const claims = options.verifyToken(token, { audience });
  if (!claims) return challenge(options, "AKV10032: The token is not valid for this vault.");
  const version = request.url.searchParams.get("api-version");
  if (version === null) return refuse(400, "BadParameter", "api-version must be specified");
  if (!knownVersion.test(version)) {
    return refuse(400, "BadParameter", `The specified version (${version}) is not recognized.`);
  }
  const route = findRoute(request.method, request.url.pathname);
  if (!route) return refuse(404, "NotFound", `${request.method} ${request.url.pathname} is not imitated.`);
  if (!isAllowed(options.access, claims, route)) return forbid(claims, route);
  if (!/^[0-9a-zA-Z-]{0,127}$/.test(route.name)) {
    return refuse(400, "BadParameter", `The request URI contains an invalid name: ${route.name}`);
  }
  return route.operation({ secrets, request, name: route.name, version: route.version });
}

function isAllowed(access: readonly VaultAccess[], { appid }: TokenClaims, { needs }: Route): boolean {
  const granted = access.filter((each) => each.clientId.toLowerCase() === appid.toLowerCase());
  return granted.some(({ permissions }) => permissions === "readWrite" || needs === "read");
}

/** https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses */
function challenge({ authority }: KeyVaultOptions, message: string): WebResponse {
  const header = `Bearer authorization="${authority ?? "https://login.microsoftonline.com/common"}", resource="${audience}"`;
  const response = refuse(401, "Unauthorized", message);
  return { ...response, headers: { ...response.headers, "www-authenticate": header } };
}

function forbid({ appid, oid }: TokenClaims, { action, name }: Route): WebResponse {
  const message = [
    "Caller is not authorized to perform action on resource.",
    "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
    `Caller: appid=${appid};oid=${oid}`,
    `Action: '${action}'`,
    `Resource: '/secrets/${name}'`,
    "Assignment: (not found)",
  ].join("\r\n");
  return refuse(403, "Forbidden", message, "ForbiddenByRbac");
}
