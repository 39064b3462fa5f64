import { AmqpError } from "./errors.ts";

/** The sections of a message (AMQP 1.0, part 3, 3.2), in the order they travel. */
export const sectionCode = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

export interface Section {
  readonly code: number;
  /** The section as it travels, with its descriptor. */
  readonly bytes: Buffer;
}

/**
 * Cuts an encoded message into its sections without decoding them: what a broker passes on must come out
 * byte for byte as it went in, and decoding and encoding again would lose the exact AMQP types.
 * @throws AmqpError amqp:decode-error
 */
export function splitSections(message: Buffer): Section[] {
  const sections: Section[] = [];
  let offset = 0;
  while (offset < message.length) {
    const descriptor = readDescriptor(message, offset);
    const end = endOfValue(message, descriptor.end);
    if (end > message.length) throw malformed("it ends in the middle of a section");
    sections.push({ code: descriptor.code, bytes: message.subarray(offset, end) });
    offset = end;
  }
  return sections;
}

function readDescriptor(message: Buffer, offset: number): { code: number; end: number } {
  if (message[offset] !== 0x00) throw malformed("a section without a descriptor");
  const type = message[offset + 1];
  if (type === 0x53) return { code: message[offset + 2] ?? 0, end: offset + 3 };
  if (type === 0x80 && offset + 10 <= message.length) {
    return { code: Number(message.readBigUInt64BE(offset + 2)), end: offset + 10 };
  }
  throw malformed("a section with a symbolic descriptor");
}

/** Where the value that begins at `offset` ends: its first nibble tells how its width is written (1.2.1). */
function endOfValue(message: Buffer, offset: number): number {
  const type = message[offset];
  if (type === undefined) throw malformed("a descriptor without a value");
  if (type === 0x00) return endOfValue(message, endOfValue(message, offset + 1));
  const fixed = fixedWidths[type >>> 4];
  if (fixed !== undefined) return offset + 1 + fixed;
  const wide = (type >>> 4) % 2 === 1;
  if (offset + (wide ? 5 : 2) > message.length) throw malformed("a value without its size");
  return wide ? offset + 5 + message.readUInt32BE(offset + 1) : offset + 2 + message.readUInt8(offset + 1);
}

const fixedWidths: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 };

function malformed(why: string): AmqpError {
  return new AmqpError("amqp:decode-error", `The message cannot be read: ${why}.`);
}
