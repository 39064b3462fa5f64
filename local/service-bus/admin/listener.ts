import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { allows, judgeToken, toClaimRequired, type TokenRules } from "../../amqp/tokens.ts";
import { AmqpError, statusOf } from "../../amqp/errors.ts";
import type { ServiceBusNamespace } from "../state/namespace.ts";
import { AdminError, type AdminReply, type AdminRequest, type Page } from "./admin-request.ts";
import { encodeEntry, encodeError, encodeFeed } from "./atom.ts";
import { routeAdmin } from "./route.ts";

/** The administration API (ATOM over HTTP), which `ServiceBusAdministrationClient` speaks. */
export function createAdminListener(namespace: ServiceBusNamespace, tokens: TokenRules): RequestListener {
  return (request, response) => {
    void serve(namespace, tokens, { request, response });
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(namespace: ServiceBusNamespace, tokens: TokenRules, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  try {
    requireToken(tokens, request);
    const url = new URL(request.url ?? "/", `https://${request.headers.host ?? "localhost"}`);
    const call = await readRequest(request, url);
    writeReply(response, url, { reply: routeAdmin(namespace, call), page: call.page });
  } catch (error) {
    const status = readStatus(error);
    write(response, status, encodeError(status, (error as Error).message));
  }
}

function readStatus(error: unknown): number {
  if (error instanceof AdminError) return error.status;
  return error instanceof AmqpError ? statusOf(error.condition) : 500;
}

function requireToken(tokens: TokenRules, request: IncomingMessage): void {
  const token = (request.headers.authorization ?? "").replace(/^Bearer /i, "");
  if (token === "") throw unauthorized("MissingToken: The authorization header is missing.");
  const verdict = judgeToken(tokens, token);
  if ("refusal" in verdict) throw unauthorized(verdict.refusal);
  const path = new URL(request.url ?? "/", "https://localhost").pathname.slice(1);
  if (!allows(verdict, "manage", path)) throw unauthorized(toClaimRequired("manage", request.url ?? "/"));
}

const unauthorized = (text: string): AdminError => new AdminError(401, 40103, `${text} TrackingId:local`);

async function readRequest(request: IncomingMessage, url: URL): Promise<AdminRequest> {
  return {
    method: request.method ?? "GET",
    path: url.pathname
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent),
    body: await text(request),
    update: request.headers["if-match"] === "*",
    page: readPage(url.searchParams),
  };
}

/** Azure's own page is 100 entries. */
const usualPage = 100;

function readPage(query: URLSearchParams): Page {
  return { skip: Number(query.get("$skip") ?? 0), top: Number(query.get("$top") ?? usualPage) };
}

function writeReply(
  response: ServerResponse,
  url: URL,
  { reply, page }: { readonly reply: AdminReply; readonly page: Page },
): void {
  const base = `${url.origin}/`;
  switch (reply.kind) {
    case "done":
      write(response, 200, "");
      return;
    case "entry":
      write(response, reply.status, encodeEntry(base, reply.entry));
      return;
    case "feed": {
      const end = page.skip + page.top;
      const next = end < reply.entries.length ? toNextPage(url, end) : undefined;
      write(response, 200, encodeFeed(base, reply.entries.slice(page.skip, end), next));
    }
  }
}

function toNextPage(url: URL, skip: number): string {
  const next = new URL(url);
  next.searchParams.set("$skip", String(skip));
  return next.href;
}

function write(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    "content-type": "application/atom+xml;charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
