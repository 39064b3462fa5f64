import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../part.ts";
import type { LogSink } from "../app/core-types.ts";
import { BodyTooLarge } from "./read-body.ts";
import type { HttpAnswer } from "./rpc-http.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly url: URL;
}

export type ExchangeHandler = (exchange: Exchange) => Promise<HttpAnswer>;

/** The host's socket: it listens before there is an app to ask, because the app must know its address. */
export interface HttpFront {
  readonly port: number;
  /** From here on requests are handled; before and after `close` began they are answered 503. */
  readonly open: (handler: ExchangeHandler) => void;
  close(): Promise<void>;
}

export const emptyAnswer = (status: number): HttpAnswer => ({ status, headers: {}, body: new Uint8Array() });

const lingerMilliseconds = 500;

/** Listens on 127.0.0.1. Trouble becomes an empty answer: 400, 413, 500 or 503, and a logged error for a 500. */
export async function startHttpFront(port: number, log: LogSink): Promise<HttpFront> {
  let handler: ExchangeHandler = () => Promise.resolve(emptyAnswer(503));
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    respond(handler, request, response, log).catch((error: unknown) => {
      // A header that HTTP does not allow, for one.
      log("error", "Host.Http", `An answer could not be written: ${String(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
  const server = createServer(listener);
  // Without this Node itself says 100 Continue, before the size of the body has been looked at.
  server.on("checkContinue", listener);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    open: (opened) => {
      handler = opened;
    },
    async close() {
      handler = () => Promise.resolve(emptyAnswer(503));
      const closed = once(server, "close");
      // Ends the idle connections; the others get a moment to take their answer.
      server.close();
      const cancel = systemClock.after(lingerMilliseconds, () => {
        server.closeAllConnections();
      });
      await closed.finally(cancel);
    },
  };
}

async function respond(
  handler: ExchangeHandler,
  request: IncomingMessage,
  response: ServerResponse,
  log: LogSink,
): Promise<void> {
  const answer = await answerOf(handler, request, response, log);
  if (response.destroyed) return;
  const mayHaveBody = answer.status !== 204 && answer.status !== 304;
  // A HEAD may announce the length of a body that is not there.
  const length = mayHaveBody && request.method !== "HEAD" ? { "content-length": answer.body.length } : {};
  response.writeHead(answer.status, { ...answer.headers, ...length });
  response.end(mayHaveBody ? answer.body : undefined);
}

async function answerOf(
  handler: ExchangeHandler,
  request: IncomingMessage,
  response: ServerResponse,
  log: LogSink,
): Promise<HttpAnswer> {
  const url = URL.parse(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`);
  if (url === null) return emptyAnswer(400);
  try {
    return await handler({ request, response, method: request.method ?? "GET", url });
  } catch (error) {
    if (error instanceof BodyTooLarge) return emptyAnswer(413);
    log("error", "Host.Http", `${request.method ?? ""} ${url.pathname}: ${describe(error)}`);
    return emptyAnswer(500);
  }
}

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
