import type { Socket } from "node:net";
import { Duplex } from "node:stream";

const headerBytes = 8;
/** Of a packet before the login, when no other size has been agreed on (MS-TDS 2.2.3.1.3). */
const packetBytes = 4_096;
/** The type of a PRELOGIN packet (MS-TDS 2.2.3.1.1). */
const prelogin = 0x12;
/** The status of a message's last packet (MS-TDS 2.2.3.1.2). */
const endOfMessage = 0x01;
/** What a TLS record begins with: the type application_data (RFC 5246, 6.2.1), then the version and the length. */
const applicationData = 23;
const recordHeaderBytes = 5;

/**
 * What TLS reads from and writes to before TDS 8.0: the handshake's records travel inside PRELOGIN packets, both ways, and
 * all others as they are (MS-TDS 3.2.5.2). That goes for a resumed handshake too, which the client ends: its last records are
 * a packet with no answer, and may be followed by the login at once. (Seen of Microsoft.Data.SqlClient 6.1 on Linux, which
 * resumes on its own; the specification says nothing about it.)
 */
export function createPacketCarrier(socket: Socket): Duplex {
  let shaking = true;
  let pending: Buffer = Buffer.alloc(0);

  const send = (bytes: Buffer, done: (error?: Error | null) => void): void => {
    if (!shaking) {
      socket.write(bytes, done);
      return;
    }
    const end = findApplicationData(bytes);
    shaking = end === bytes.length;
    if (end > 0) socket.write(toMessage(bytes.subarray(0, end)), shaking ? done : undefined);
    if (!shaking) socket.write(bytes.subarray(end), done);
  };
  const push = (bytes: Buffer): void => {
    if (!carrier.push(bytes)) socket.pause();
  };
  const receive = (bytes: Buffer): void => {
    if (!shaking) {
      push(bytes);
      return;
    }
    pending = Buffer.concat([pending, bytes]);
    for (let length = lengthOf(pending); length <= pending.length; length = lengthOf(pending)) {
      push(pending.subarray(headerBytes, length));
      pending = pending.subarray(length);
    }
  };
  const carrier = new Duplex({
    read: () => {
      socket.resume();
    },
    write: (chunk: Buffer, _encoding, done) => {
      send(chunk, done);
    },
    writev: (chunks, done) => {
      send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done);
    },
  });
  socket.on("data", receive);
  socket.once("close", () => carrier.destroy());
  return carrier;
}

/** Where the handshake's records end; OpenSSL writes whole ones. */
function findApplicationData(records: Buffer): number {
  let at = 0;
  while (at + recordHeaderBytes <= records.length && records[at] !== applicationData) {
    at += recordHeaderBytes + records.readUInt16BE(at + 3);
  }
  return Math.min(at, records.length);
}

function toMessage(records: Buffer): Buffer {
  const room = packetBytes - headerBytes;
  const packets: Buffer[] = [];
  for (let at = 0; at < records.length; at += room) {
    const part = records.subarray(at, at + room);
    const header = Buffer.alloc(headerBytes);
    header[0] = prelogin;
    header[1] = at + room >= records.length ? endOfMessage : 0;
    header.writeUInt16BE(headerBytes + part.length, 2);
    header[6] = (packets.length + 1) % 256;
    packets.push(header, part);
  }
  return Buffer.concat(packets);
}

/** Bytes of the packet at the beginning, header included; Infinity while that is unknown. */
function lengthOf(bytes: Buffer): number {
  return bytes.length < headerBytes ? Infinity : Math.max(bytes.readUInt16BE(2), headerBytes);
}
