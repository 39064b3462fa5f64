import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { acceptWebSocket } from "./web-socket/accept.ts";

/** Key and certificate (with its chain) in PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

export interface OnePortOptions {
  /** 0 = any free port. */
  readonly port: number;
  readonly tls: TlsIdentity;
  readonly onAmqp: (socket: Duplex) => void;
  readonly onHttp: RequestListener;
}

export interface OnePort {
  readonly port: number;
  close(): Promise<void>;
}

/** A TLS record of type handshake. */
const tlsHandshake = 0x16;
/** "AMQP" in upper case; HTTP has no method that begins with A but ACL, which nobody sends here. */
const amqpHeader = 0x41;

/**
 * Serves a whole namespace on one port of 127.0.0.1 by looking at the first byte of a connection: AMQP, HTTP,
 * (which may turn into AMQP over WebSocket), or TLS with any of them inside. The SDKs need exactly that: with `UseDevelopmentEmulator=true` the
 * messaging client speaks plain AMQP to the port of the endpoint, while the administration client speaks
 * HTTPS to the same host and port whatever the connection string says.
 */
export async function listenOnOnePort(options: OnePortOptions): Promise<OnePort> {
  const http = createHttpServer(options.onHttp);
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const inside = acceptWebSocket(request, socket, head);
    if (inside) options.onAmqp(inside);
  });
  const tls = createTlsServer({ key: options.tls.key, cert: options.tls.cert }, (socket) => {
    route(socket, { http, onAmqp: options.onAmqp });
  });
  // A client that does not trust the certificate goes away; that is its story to tell.
  tls.on("tlsClientError", (_error, socket) => socket.destroy());
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    route(socket, { http, tls, onAmqp: options.onAmqp });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Destinations {
  readonly http: { emit(event: "connection", socket: Socket): boolean };
  readonly tls?: { emit(event: "connection", socket: Socket): boolean };
  readonly onAmqp: (socket: Duplex) => void;
}

function route(socket: Socket, { http, tls, onAmqp }: Destinations): void {
  const ignore = (): void => undefined;
  socket.setNoDelay(true);
  socket.on("error", ignore);
  socket.once("data", (first: Buffer) => {
    socket.pause();
    socket.unshift(first);
    if (first[0] === tlsHandshake && tls) tls.emit("connection", socket);
    else if (first[0] === amqpHeader) onAmqp(socket);
    else http.emit("connection", socket);
    // Not at once: what was put back must find its new reader.
    process.nextTick(() => socket.resume());
  });
}
