import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { VerifyToken } from "../../identity/verify.ts";
import type { StorageAssignment } from "../roles/assignments.ts";
import { toBlobNeeds } from "../roles/blob-needs.ts";
import { isAllowed } from "../roles/is-allowed.ts";
import { toQueueNeeds } from "../roles/queue-needs.ts";
import type { ToNeeds } from "../roles/requests.ts";
import { toTableNeeds } from "../roles/table-needs.ts";
import { forward } from "./forward.ts";
import type { RunningFront, StorageFront, StorageService } from "./front.ts";
import {
  invalidToken,
  invalidUri,
  keysNotPermitted,
  noAuthentication,
  permissionMismatch,
  type Refusal,
  refuse,
} from "./refusals.ts";

export interface RoleFrontOptions {
  /** PEM: what Azurite shows, and the front too. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly verifyToken: VerifyToken;
  /** `{authorityHost}/{tenant}`: where a client is sent for a token. */
  readonly authority: string;
  readonly assignments: readonly Granted[];
  /** Whether the account's keys, and what is signed with them, open anything. */
  readonly allowSharedKeyAccess: boolean;
}

interface Granted extends Pick<StorageAssignment, "role" | "container" | "rules"> {
  /** Object id: the token's `oid`. */
  readonly principalId: string;
}

const audience = "https://storage.azure.com";
const toNeeds: Readonly<Record<StorageService, ToNeeds>> = {
  blob: toBlobNeeds,
  queue: toQueueNeeds,
  table: toTableNeeds,
};

/**
 * Roles, as Azure Storage has them: Azurite takes a token by its issuer, audience and times, whoever signed it, and
 * lets it do everything. What passes here is passed on untouched, so Azurite still looks at keys and signatures.
 */
export function createRoleFront(options: RoleFrontOptions): StorageFront {
  return async (service, port) => {
    const { tls } = options;
    const agent = new Agent({ keepAlive: true, ca: tls.cert, allowPartialTrustChain: true });
    const server = createServer(tls, (incoming, outgoing) => {
      const verdict = judge(options, service, incoming);
      if (typeof verdict === "string") void forward({ incoming, outgoing, path: verdict }, { port, agent });
      else refuse(verdict, { service, authority: options.authority, incoming, outgoing });
    });
    // The default of 5 s cuts idle connections just as a polling client uses them again.
    server.keepAliveTimeout = 65_000;
    return listen(server, agent);
  };
}

async function listen(server: ReturnType<typeof createServer>, agent: Agent): Promise<RunningFront> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      // `closeAllConnections` would leave those whose TLS handshake is not finished.
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await closed;
    },
  };
}

/** @returns what to ask Azurite for, or why not to */
function judge(
  options: RoleFrontOptions,
  service: StorageService,
  incoming: IncomingMessage,
): string | Refusal {
  const { method, url: path = "/", headers } = incoming;
  // A preflight request never carries anything.
  if (method === "OPTIONS") return path;
  // Dots in a path are resolved before rights are looked at, and what they resolve to is what Azurite sees.
  const url = new URL(`https://localhost${path}`);
  const [, token] = /^bearer (.*)$/i.exec(headers.authorization ?? "") ?? [];
  if (token !== undefined) return judgeToken(options, service, { incoming, url, token: token.trim() });
  return judgeKey(options, url, headers.authorization !== undefined) ?? path;
}

/** What is signed: the request itself, or its address. @returns why not to let it pass */
function judgeKey(
  { allowSharedKeyAccess }: RoleFrontOptions,
  { searchParams }: URL,
  isSigned: boolean,
): Refusal | undefined {
  if (!isSigned && !searchParams.has("sig")) return noAuthentication;
  // A signature made with a delegation key is its maker's, not the account's.
  const isDelegated = !isSigned && searchParams.has("skoid");
  return allowSharedKeyAccess || isDelegated ? undefined : keysNotPermitted;
}

function judgeToken(
  { verifyToken, assignments }: RoleFrontOptions,
  service: StorageService,
  { incoming, url, token }: { readonly incoming: IncomingMessage; readonly url: URL; readonly token: string },
): string | Refusal {
  const claims = verifyToken(token, { audience });
  if (!claims) return invalidToken;
  const granted = assignments.filter(({ principalId }) => principalId === claims.oid);
  const needs = findNeeds(service, incoming, url);
  if (!needs) return invalidUri;
  return isAllowed(granted, needs) ? `${url.pathname}${url.search}` : permissionMismatch;
}

function findNeeds(
  service: StorageService,
  { method = "GET", headers }: IncomingMessage,
  url: URL,
): ReturnType<ToNeeds> | undefined {
  try {
    return toNeeds[service]({ method, url, headers });
  } catch (error) {
    // decodeURIComponent's answer to a stray percent sign.
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
