import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { WebFault, WebRequest, WebResponse, WebServer } from "../web-server.ts";

/** web-server.ts for answers that go on: watches and followed logs are streams, everything else is whole. */

export interface StreamResponse extends Omit<WebResponse, "body"> {
  /** Destroyed when the client goes away. */
  readonly body: Readable;
}

interface StreamingOptions {
  readonly handler: (request: WebRequest) => Promise<WebResponse | StreamResponse>;
  readonly fault?: WebFault | undefined;
  readonly tls: { readonly key: string; readonly cert: string };
  readonly port?: number | undefined;
}

/** Listens on 127.0.0.1. `stop` cuts every connection. */
export async function startStreamingServer(options: StreamingOptions): Promise<WebServer> {
  const sockets = new Set<Socket>();
  const server = createServer(options.tls, (incoming, outgoing) => {
    // A client that goes away in the middle leaves nobody to answer.
    respond(options, incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 65_000;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `https://localhost:${port}`,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function respond(
  { handler, fault }: StreamingOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = await readRequest(incoming);
  const trouble = await fault?.(request);
  if (trouble === "cut") {
    outgoing.destroy();
    return;
  }
  const { status, headers, body } = trouble ?? (await handler(request));
  outgoing.writeHead(status, headers);
  if (!(body instanceof Readable)) {
    outgoing.end(body);
    return;
  }
  // A watch may have nothing to say for long; its client waits for the headers.
  outgoing.flushHeaders();
  await pipeline(body, outgoing);
}

async function readRequest(incoming: IncomingMessage): Promise<WebRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: incoming.method ?? "GET",
    url: new URL(incoming.url ?? "/", `https://${incoming.headers.host ?? "localhost"}`),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}
