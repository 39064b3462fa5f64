import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { encodeFrame, opcode, parseFrame } from "./frames.ts";

/** Where the services take AMQP over WebSocket, and what they call it. */
const path = /^\/\$servicebus\/websocket\/?$/i;
const protocol = "AMQPWSB10";
/** RFC 6455, 1.3. */
const acceptSalt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Answers the request to go over to WebSocket; undefined when it is for something else, which is refused. */
export function acceptWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer): Duplex | undefined {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const key = request.headers["sec-websocket-key"];
  if (!path.test(decodeURIComponent(pathname)) || key === undefined) {
    socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return undefined;
  }
  const accept = createHash("sha1").update(`${key}${acceptSalt}`).digest("base64");
  const answer = [
    "HTTP/1.1 101 Switching Protocols",
    ...["Upgrade: websocket", "Connection: Upgrade"],
    ...[`Sec-WebSocket-Accept: ${accept}`, `Sec-WebSocket-Protocol: ${protocol}`],
  ];
  socket.write(`${answer.join("\r\n")}\r\n\r\n`);
  return new WebSocketStream(socket, head);
}

/** The bytes inside the frames: AMQP does not care where one ends. */
class WebSocketStream extends Duplex {
  readonly #socket: Duplex;
  #received: Buffer;

  constructor(socket: Duplex, head: Buffer) {
    super();
    this.#socket = socket;
    this.#received = head;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#takeFrames();
    });
    socket.once("close", () => this.destroy());
    socket.on("error", () => this.destroy());
    this.#takeFrames();
  }

  override _read(): void {
    // Frames are pushed as they come: the clients' credit keeps them few.
  }

  override _write(payload: Buffer, _encoding: string, done: () => void): void {
    this.#send(opcode.binary, payload);
    done();
  }

  override _final(done: () => void): void {
    this.#send(opcode.close, Buffer.alloc(0));
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #takeFrames(): void {
    for (let next = parseFrame(this.#received); next; next = parseFrame(this.#received)) {
      this.#received = this.#received.subarray(next.end);
      this.#take(next.frame.opcode, next.frame.payload);
    }
  }

  #take(kind: number, payload: Buffer): void {
    if (kind === opcode.ping) this.#send(opcode.pong, payload);
    else if (kind === opcode.close) this.push(null);
    else if (kind !== opcode.pong) this.push(payload);
  }

  #send(kind: number, payload: Buffer): void {
    if (this.#socket.writable) this.#socket.write(encodeFrame({ opcode: kind, payload }));
  }
}
