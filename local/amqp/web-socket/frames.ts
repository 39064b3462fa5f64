/** What a frame is for (RFC 6455, 5.2). */
export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The first frame of what was received, and where the next begins; undefined while it is not whole. */
export function parseFrame(bytes: Buffer): { readonly frame: Frame; readonly end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  const maskAt = 2 + lengthBytes(second & 0x7f);
  const start = maskAt + (second & 0x80 ? 4 : 0);
  if (bytes.length < start) return undefined;
  const end = start + readLength(bytes, second & 0x7f);
  if (bytes.length < end) return undefined;
  const mask = bytes.subarray(maskAt, start);
  return { frame: { opcode: first & 0x0f, payload: unmask(bytes.subarray(start, end), mask) }, end };
}

/** A whole message in one frame; a server does not mask. */
export function encodeFrame({ opcode, payload }: Frame): Buffer {
  return Buffer.concat([Buffer.of(0x80 | opcode), encodeLength(payload.length), payload]);
}

/** 126 and 127 say that the length follows, in 2 or 8 bytes. */
const [longLength, longestLength] = [126, 127];

function lengthBytes(short: number): number {
  if (short === longLength) return 2;
  return short === longestLength ? 8 : 0;
}

function readLength(bytes: Buffer, short: number): number {
  if (short === longLength) return bytes.readUInt16BE(2);
  return short === longestLength ? Number(bytes.readBigUInt64BE(2)) : short;
}

function encodeLength(length: number): Buffer {
  if (length < longLength) return Buffer.of(length);
  const long = length <= 0xffff;
  const bytes = Buffer.alloc(long ? 3 : 9);
  bytes.writeUInt8(long ? longLength : longestLength, 0);
  if (long) bytes.writeUInt16BE(length, 1);
  else bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

function unmask(payload: Buffer, mask: Buffer): Buffer {
  if (mask.length === 0) return payload;
  return Buffer.from(payload.map((byte, at) => byte ^ (mask[at % mask.length] ?? 0)));
}
