import type { LogSink } from "../app/core-types.ts";
import type { DurableBackend, FunctionInvoker } from "../invoker.ts";
import type { Running } from "../running.ts";
import { answerAdmin, type AdminActions } from "./admin.ts";
import { type Exchange, type ExchangeHandler, emptyAnswer } from "./front.ts";
import type { KeyRing } from "./keys.ts";
import { readBody } from "./read-body.ts";
import { type HttpAnswer, joinedHeaders, toAnswer, toRpcRequest } from "./rpc-http.ts";
import { findRoute, type HttpRoute } from "./routes.ts";

export interface HttpHandlerParts {
  readonly routes: readonly HttpRoute[];
  readonly keys: KeyRing;
  readonly invoker: FunctionInvoker;
  readonly durable: DurableBackend | undefined;
  readonly admin: AdminActions;
  readonly running: Running;
  /** Bytes. */
  readonly bodyLimit: number;
  /** The host is stopping: functions are not called any more, what runs may still reach Durable. */
  readonly stopping: AbortSignal;
  readonly log: LogSink;
}

/** Decides who answers a request: the durable backend, the admin routes, the home page or a function. */
export function createHttpHandler(parts: HttpHandlerParts): ExchangeHandler {
  return async (exchange) => {
    const path = exchange.url.pathname.toLowerCase();
    if (path.startsWith("/durabletask/")) return await askDurable(exchange, parts);
    if (path.startsWith("/runtime/webhooks/durabletask/")) return await manageDurable(exchange, parts);
    if (parts.stopping.aborted) return emptyAnswer(503);
    if (path.startsWith("/admin/")) return await administer(exchange, parts);
    if (path === "/" && exchange.method === "GET") return homePage;
    return await callFunction(exchange, parts);
  };
}

const homePage: HttpAnswer = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: Buffer.from("<!DOCTYPE html><title>Functions</title><p>Your Functions 4.0 app is up and running"),
};

/** A key is asked for before the body is read: whoever may not call does not get to upload either. */
async function callFunction(exchange: Exchange, parts: HttpHandlerParts): Promise<HttpAnswer> {
  const { request, response, method, url } = exchange;
  const found = findRoute(parts.routes, method, url.pathname);
  if (found === undefined) return emptyAnswer(404);
  const { functionName } = found.route;
  if (!parts.keys.mayCall(found.route, request.headers, url)) return emptyAnswer(401);
  const body = await readBody(request, response, parts.bodyLimit);
  const data = toRpcRequest(request, url, found.params, body);
  try {
    const { returnValue } = await parts.running.track(parts.invoker.invoke(functionName, { data }));
    return toAnswer(returnValue);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parts.log("error", `Function.${functionName}`, `Executed 'Functions.${functionName}' (Failed): ${text}`);
    return emptyAnswer(500);
  }
}

async function manageDurable(exchange: Exchange, parts: HttpHandlerParts): Promise<HttpAnswer> {
  if (!parts.keys.mayManage(exchange.request.headers, exchange.url)) return emptyAnswer(401);
  return await askDurable(exchange, parts);
}

async function askDurable(exchange: Exchange, parts: HttpHandlerParts): Promise<HttpAnswer> {
  const { request, response, method, url } = exchange;
  const body = await readBody(request, response, parts.bodyLimit);
  const answer = await parts.durable?.handle({ method, url, headers: joinedHeaders(request), body });
  return answer ?? emptyAnswer(404);
}

async function administer(exchange: Exchange, parts: HttpHandlerParts): Promise<HttpAnswer> {
  const { request, response, method, url } = exchange;
  if (!parts.keys.mayCall({ authLevel: "admin" }, request.headers, url)) return emptyAnswer(401);
  const body = await readBody(request, response, parts.bodyLimit);
  return answerAdmin(method, url.pathname, body, parts.admin);
}
