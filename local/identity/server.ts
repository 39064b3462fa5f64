import { randomUUID } from "node:crypto";
import { type Clock, type RunningPart, systemClock } from "../part.ts";
import { startWebServer, type WebFault } from "../web-server.ts";
import { answerAuthority } from "./authority.ts";
import { findIdentity, type LocalIdentity } from "./identities.ts";
import { answerManagedIdentity, appServicePath } from "./managed-identity.ts";
import { createTokenIssuer, type TokenIssuer } from "./tokens.ts";
import type { TokenTrust, VerifyToken } from "./verify.ts";

export type { LocalIdentity } from "./identities.ts";
export type { TokenClaims } from "./verify.ts";

export interface IdentityOptions {
  readonly identities: readonly LocalIdentity[];
  /** PEM: the token endpoint is https only, as the libraries accept no other. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly tenantId?: string;
  readonly clock?: Clock;
  /** Default 86400 (a day), as Azure's managed identities. */
  readonly lifetimeSeconds?: number;
  /** 0 or absent = any free one. */
  readonly port?: number;
  readonly fault?: WebFault;
}

export interface RunningIdentity extends RunningPart {
  readonly tenantId: string;
  /** `https://localhost:{port}`: the credentials' `authorityHost`, with `disableInstanceDiscovery: true`. */
  readonly authorityHost: string;
  readonly verifyToken: VerifyToken;
  /** For a part in another process: `createVerifyToken(trust, Date.now)` of verify.ts. */
  readonly trust: TokenTrust;
  /** The token a cluster would mount into a pod of this service account. */
  readonly issueFederatedToken: (subject: string) => string;
  /** Opens the managed identity endpoints of one more host; it closes with the whole at the latest. */
  openHost(options: HostOptions): Promise<RunningHost>;
}

interface HostOptions {
  /** Client ids or resource ids of the identities assigned to the host. Unknown ones throw. */
  readonly identities: readonly string[];
  /** Functions and App Service, or a virtual machine (a Batch node). */
  readonly form: "app-service" | "virtual-machine";
}

interface RunningHost {
  /** What the host's processes find in their environment. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts the token endpoint. `openHost` adds the managed identity endpoints, one per host. */
export async function startIdentity(options: IdentityOptions): Promise<RunningIdentity> {
  const { identities, tls, fault, tenantId = randomUUID(), clock = systemClock } = options;
  const issuer = await createTokenIssuer({
    tenantId,
    clock,
    lifetimeSeconds: options.lifetimeSeconds ?? 86_400,
  });
  const authority = { tenantId, identities, issuer };
  const server = await startWebServer({
    handler: (request) => answerAuthority(authority, request),
    ...{ tls, fault, port: options.port },
  });
  const hosts = new Set<RunningHost>();
  return {
    tenantId,
    authorityHost: server.origin,
    verifyToken: issuer.verify,
    trust: issuer.trust,
    issueFederatedToken: issuer.issueFederated,
    openHost: async (host) => {
      const running = await openHost(chooseIdentities(identities, host.identities), issuer, {
        ...host,
        fault,
      });
      hosts.add(running);
      return running;
    },
    env: { AZURE_AUTHORITY_HOST: server.origin, AZURE_TENANT_ID: tenantId },
    listening: [{ name: "Identity (token endpoint)", address: server.origin }],
    stop: async () => {
      await Promise.all([server.stop(), ...[...hosts].map((host) => host.close())]);
    },
  };
}

function chooseIdentities(all: readonly LocalIdentity[], wanted: readonly string[]): LocalIdentity[] {
  return wanted.map((id) => {
    const identity = findIdentity(all, { clientId: id, resourceId: id });
    if (!identity) throw new Error(`no identity has the client id or resource id ${id}`);
    return identity;
  });
}

async function openHost(
  identities: readonly LocalIdentity[],
  issuer: TokenIssuer,
  { form, fault }: { readonly form: HostOptions["form"]; readonly fault: WebFault | undefined },
): Promise<RunningHost> {
  const header = randomUUID();
  const server = await startWebServer({
    handler: (request) => answerManagedIdentity({ identities, header, issuer }, request),
    fault,
  });
  const address = `http://127.0.0.1:${server.port}`;
  let closing: Promise<void> | undefined;
  return {
    env:
      form === "app-service"
        ? { IDENTITY_ENDPOINT: `${address}${appServicePath}`, IDENTITY_HEADER: header }
        : { AZURE_POD_IDENTITY_AUTHORITY_HOST: address },
    close: () => (closing ??= server.stop()),
  };
}
