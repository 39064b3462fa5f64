import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A small HTTP(S) server for the stand-ins: whole requests in, whole responses out, but for those that go on. */

export interface WebRequest {
  readonly method: string;
  /** Absolute, with the host the client named. Query parameters are decoded (`api%2Dversion`). */
  readonly url: URL;
  /** By lower-case name. A header sent twice is joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WebResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent as it comes (a watch, a followed log), and destroyed when the client goes away. */
  readonly body?: string | Uint8Array | Readable;
}

type WebHandler = (request: WebRequest) => WebResponse | Promise<WebResponse>;

/**
 * Trouble put in front of a server by a test: answers instead of it, waits before it (a promise of
 * `undefined`), cuts the connection (`"cut"`), or lets the request through (`undefined`).
 */
export type WebFault = (request: WebRequest) => WebFaultOutcome | Promise<WebFaultOutcome>;
type WebFaultOutcome = WebResponse | "cut" | undefined;

export interface WebServerOptions {
  readonly handler: WebHandler;
  readonly fault?: WebFault | undefined;
  /** PEM; with it the server speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** 0 or absent = any free one. */
  readonly port?: number | undefined;
}

export interface WebServer {
  readonly port: number;
  /** For example `https://localhost:49152`, without a slash at the end. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1. What a handler throws is answered as 500 with the error's message. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    // A client that goes away in the middle leaves nobody to answer.
    respond(options, incoming, outgoing).catch(() => outgoing.destroy());
  };
  const server = options.tls ? createSecureServer(options.tls, listener) : createServer(listener);
  // The default of 5 s cuts idle connections just as a polling client uses them again.
  server.keepAliveTimeout = 65_000;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `${options.tls ? "https" : "http"}://localhost:${port}`,
    stop: () => stopServer(server, sockets),
  };
}

/** A JSON response. `undefined` values are left out, as JSON.stringify does. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): WebResponse {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

/** The body as a JSON object; anything else (no body, an array, not JSON) is `undefined`. */
export function jsonBody(request: WebRequest): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(request.body.toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(request: WebRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers["authorization"] ?? "")?.[1];
}

async function respond(
  { handler, fault }: WebServerOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = await readRequest(incoming);
  const trouble = await fault?.(request);
  if (trouble === "cut") {
    outgoing.destroy();
    return;
  }
  const { status, headers, body } = trouble ?? (await answer(handler, request));
  outgoing.writeHead(status, headers);
  if (!(body instanceof Readable)) {
    outgoing.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  // A watch may have nothing to say for long; its client waits for the headers.
  outgoing.flushHeaders();
  await pipeline(body, outgoing);
}

async function answer(handler: WebHandler, request: WebRequest): Promise<WebResponse> {
  try {
    return await handler(request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return jsonResponse(500, { error: { code: "InternalServerError", message } });
  }
}

async function readRequest(incoming: IncomingMessage): Promise<WebRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const scheme = "encrypted" in incoming.socket ? "https" : "http";
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: incoming.method ?? "GET",
    url: new URL(incoming.url ?? "/", `${scheme}://${incoming.headers.host ?? "localhost"}`),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}

/** Cuts every connection: `closeAllConnections` would leave those whose TLS handshake is not finished. */
async function stopServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
