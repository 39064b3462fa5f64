import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { DEFAULT_PACKET_SIZE, encodePackets, HEADER_BYTES, MessageType } from "./packets.ts";

/** Stands between the socket and TLS. */
export interface TlsCarrier {
  /** What TLS reads from and writes to. */
  readonly stream: Duplex;
  /** Bytes from the socket. */
  receive(bytes: Buffer): void;
}

/** First byte of a TLS record that carries data, no handshake (RFC 5246, 6.2.1). */
const APPLICATION_DATA = 23;

/**
 * Until the handshake is over its records travel inside PRELOGIN packets, both ways (MS-TDS 3.2.5.2). The client's
 * first data ends that: the socket is cut when other records come without a packet. It must not end earlier: the server's
 * last handshake records leave after its TLS already calls itself secure, and the client still expects them wrapped.
 */
export function createTlsCarrier(socket: Socket, inPackets: boolean): TlsCarrier {
  let wrapped = inPackets;
  let pending: Buffer = Buffer.alloc(0);

  const stream = new Duplex({
    read() {
      // Bytes are pushed as they come.
    },
    write(chunk: Buffer, _encoding, callback) {
      socket.write(wrapped ? wrap(chunk) : chunk, callback);
    },
    // One flight of the handshake must be one message: clients read exactly one before they answer.
    writev(chunks, callback) {
      const whole = Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer));
      socket.write(wrapped ? wrap(whole) : whole, callback);
    },
  });
  socket.once("close", () => stream.destroy());

  function receive(bytes: Buffer): void {
    if (!wrapped) {
      stream.push(bytes);
      return;
    }
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= HEADER_BYTES && pending[0] === MessageType.prelogin) {
      const length = pending.readUInt16BE(2);
      if (length < HEADER_BYTES || pending.length < length) return;
      stream.push(pending.subarray(HEADER_BYTES, length));
      pending = pending.subarray(length);
    }
    if (pending.length === 0 || pending[0] === MessageType.prelogin) return;
    wrapped = false;
    if (pending[0] === APPLICATION_DATA) stream.push(pending);
    else socket.resetAndDestroy();
  }

  return { stream, receive };
}

function wrap(records: Buffer): Buffer {
  const packetSize = DEFAULT_PACKET_SIZE;
  return encodePackets(records, { type: MessageType.prelogin, packetSize, firstId: 0, last: true });
}
