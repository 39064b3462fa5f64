/** Kinds of messages, the first byte of each packet (MS-TDS 2.2.3.1.1). */
export const MessageType = {
  batch: 0x01,
  rpc: 0x03,
  response: 0x04,
  attention: 0x06,
  bulkLoad: 0x07,
  fedAuthToken: 0x08,
  transactionManager: 0x0e,
  login: 0x10,
  prelogin: 0x12,
} as const;

export const HEADER_BYTES = 8;
/** What both sides use until the login agreed on another size. */
export const DEFAULT_PACKET_SIZE = 4096;

const Status = {
  endOfMessage: 0x01,
  ignore: 0x02,
  resetConnection: 0x08,
  resetKeepTransaction: 0x10,
} as const;

export interface Message {
  readonly type: number;
  readonly payload: Buffer;
  /** The client gave the request up while sending it: it must not run. */
  readonly ignored: boolean;
  /** sp_reset_connection comes first. */
  readonly reset: boolean;
}

interface Packet {
  readonly type: number;
  readonly status: number;
  readonly payload: Buffer;
}

/** Cuts a stream into packets. Returns the function to feed, which throws when a header cannot be true. */
function createPacketReader(onPacket: (packet: Packet) => void): (bytes: Buffer) => void {
  let pending: Buffer | undefined;
  return (bytes) => {
    let rest = pending === undefined ? bytes : Buffer.concat([pending, bytes]);
    while (rest.length >= HEADER_BYTES) {
      const length = rest.readUInt16BE(2);
      if (length < HEADER_BYTES)
        throw new RangeError(`A packet of ${length} bytes is shorter than its header.`);
      if (rest.length < length) break;
      onPacket({
        type: rest.readUInt8(0),
        status: rest.readUInt8(1),
        payload: rest.subarray(HEADER_BYTES, length),
      });
      rest = rest.subarray(length);
    }
    pending = rest.length > 0 ? rest : undefined;
  };
}

/** Puts packets together into messages. Returns the function to feed with bytes as they come. */
export function createMessageReader(onMessage: (message: Message) => void): (bytes: Buffer) => void {
  let parts: Buffer[] = [];
  let firstStatus = 0;
  return createPacketReader(({ type, status, payload }) => {
    if (parts.length === 0) firstStatus = status;
    parts.push(payload);
    if ((status & Status.endOfMessage) === 0) return;
    const whole = parts.length === 1 ? payload : Buffer.concat(parts);
    parts = [];
    onMessage({
      type,
      payload: whole,
      ignored: (status & Status.ignore) !== 0,
      reset: (firstStatus & (Status.resetConnection | Status.resetKeepTransaction)) !== 0,
    });
  });
}

export interface OutgoingPackets {
  readonly type: number;
  readonly packetSize: number;
  /** The number of the first packet, modulo 256. */
  readonly firstId: number;
  /** Whether the last packet ends the message. */
  readonly last: boolean;
}

/** Frames a payload into as many packets as it needs, at least one. */
export function encodePackets(payload: Buffer, { type, packetSize, firstId, last }: OutgoingPackets): Buffer {
  const room = packetSize - HEADER_BYTES;
  const count = Math.max(1, Math.ceil(payload.length / room));
  const framed = Buffer.allocUnsafe(payload.length + count * HEADER_BYTES);
  for (let index = 0; index < count; index++) {
    const from = index * room;
    const size = Math.min(room, payload.length - from);
    const at = index * packetSize;
    const ends = last && index === count - 1;
    framed[at] = type;
    framed[at + 1] = ends ? Status.endOfMessage : 0;
    framed.writeUInt16BE(size + HEADER_BYTES, at + 2);
    framed.writeUInt16BE(0, at + 4);
    framed[at + 6] = (firstId + index) & 0xff;
    framed[at + 7] = 0;
    payload.copy(framed, at + HEADER_BYTES, from, from + size);
  }
  return framed;
}
