import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { createTlsCarrier, type TlsCarrier } from "./tls-carrier.ts";

/** ALPN name of TDS 8.0, where TLS comes before the first packet (MS-TDS 1.9; registered with IANA). */
const STRICT_PROTOCOL = "tds/8.0";

interface Encrypted {
  readonly carrier: TlsCarrier;
  readonly stream: TLSSocket;
}

/** A client's socket, plain or encrypted; encryption begins, and for a login-only one ends, while it is open. */
export class Transport {
  readonly #socket: Socket;
  readonly #onBytes: (bytes: Buffer) => void;
  #encrypted: Encrypted | undefined;

  constructor(socket: Socket, onBytes: (bytes: Buffer) => void) {
    this.#socket = socket;
    this.#onBytes = onBytes;
    socket.setNoDelay(true);
    socket.on("error", () => {
      // "close" follows and is what counts.
    });
    socket.on("data", (bytes) => {
      if (this.#encrypted === undefined) onBytes(bytes);
      else this.#encrypted.carrier.receive(bytes);
    });
  }

  get open(): boolean {
    return !this.#socket.destroyed;
  }

  get encrypted(): boolean {
    return this.#encrypted !== undefined;
  }

  /** Whether the client resumed the TLS session of an earlier connection. */
  get resumed(): boolean {
    return this.#encrypted?.stream.isSessionReused() ?? false;
  }

  onClose(callback: () => void): void {
    this.#socket.once("close", callback);
  }

  /** False when the client reads more slowly than it is written to: wait for `drained`. */
  write(bytes: Buffer): boolean {
    const stream = this.#encrypted?.stream ?? this.#socket;
    return stream.writable ? stream.write(bytes) : true;
  }

  /** Resolves when the client has read, or is gone. */
  drained(): Promise<void> {
    const stream = this.#encrypted?.stream ?? this.#socket;
    if (!this.open || !stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stream.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      stream.once("drain", done);
      this.#socket.once("close", done);
    });
  }

  /**
   * From here on everything is TLS: inside PRELOGIN packets until the handshake is over, or strictly from the
   * first byte, which has been read already and is handed back.
   */
  startTls(secureContext: SecureContext, style: "inPackets" | "strict", alreadyRead?: Buffer): void {
    const carrier = createTlsCarrier(this.#socket, style === "inPackets");
    const stream = new TLSSocket(carrier.stream, {
      isServer: true,
      secureContext,
      ...(style === "strict" && { ALPNProtocols: [STRICT_PROTOCOL] }),
    });
    stream.on("data", this.#onBytes);
    stream.on("error", () => {
      this.cut();
    });
    // OpenSSL refuses clients that offer other protocols only; one that offers none comes through to here.
    stream.once("secure", () => {
      if (style === "strict" && stream.alpnProtocol !== STRICT_PROTOCOL) this.cut();
    });
    this.#socket.once("close", () => stream.destroy());
    this.#encrypted = { carrier, stream };
    if (alreadyRead !== undefined) carrier.receive(alreadyRead);
  }

  /** Only the login was to be encrypted: both sides go on in plain text on the same socket. */
  stopTls(): void {
    this.#encrypted = undefined;
  }

  /** Sends what is written, then closes. */
  end(): void {
    if (this.#encrypted === undefined) this.#socket.end();
    else this.#encrypted.stream.end(() => this.#socket.end());
  }

  /** Closes at once; the client sees a reset connection, unless it was being ended already. */
  cut(): void {
    // A socket that is shutting down cannot be reset: Node reports an error and never closes it.
    if (!this.#socket.writableEnded) this.#socket.resetAndDestroy();
    // The reset alone would wait for unsent bytes, forever when the client does not read.
    this.#socket.destroy();
  }
}
