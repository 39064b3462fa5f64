import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

/** What a side says about encryption before the login (MS-TDS 2.2.6.5). */
export const Encryption = { off: 0x00, on: 0x01, notSupported: 0x02, required: 0x03 } as const;

const Option = {
  version: 0x00,
  encryption: 0x01,
  instance: 0x02,
  thread: 0x03,
  mars: 0x04,
  end: 0xff,
} as const;
const OPTION_BYTES = 5;

/** Reads what the client says about encryption; silence means "not supported". */
export function decodePrelogin(payload: Buffer): { readonly encryption: number } {
  const reader = new ByteReader(payload);
  for (let option = reader.uint8(); option !== Option.end; option = reader.uint8()) {
    const offset = reader.uint16BigEndian();
    reader.uint16BigEndian();
    if (option === Option.encryption) return { encryption: payload.readUInt8(offset) };
  }
  return { encryption: Encryption.notSupported };
}

/** The server's answer: its version and what becomes of encryption; multiple active result sets are off. */
export function encodePrelogin(version: Uint8Array, encryption: number): Buffer {
  const options: readonly (readonly [number, Uint8Array])[] = [
    [Option.version, version],
    [Option.encryption, Uint8Array.of(encryption)],
    [Option.instance, Uint8Array.of(0)],
    [Option.thread, new Uint8Array(0)],
    [Option.mars, Uint8Array.of(0)],
  ];
  const writer = new ByteWriter();
  let offset = options.length * OPTION_BYTES + 1;
  for (const [option, data] of options) {
    writer.uint8(option).uint16BigEndian(offset).uint16BigEndian(data.length);
    offset += data.length;
  }
  writer.uint8(Option.end);
  for (const [, data] of options) writer.raw(data);
  return writer.bytes;
}

/** What the two sides agree on: nothing is encrypted, the login alone, or all. */
export type EncryptionOutcome = "none" | "login" | "all" | "refused";

/**
 * The rule of MS-TDS 2.2.6.5. A server with a certificate follows the client unless encryption is required;
 * "refused" means the client cannot have what the server insists on.
 */
export function agreeOnEncryption(
  client: number,
  server: "off" | "optional" | "required",
): { readonly outcome: EncryptionOutcome; readonly reply: number } {
  if (server === "off") {
    const refused = client === Encryption.required;
    return { outcome: refused ? "refused" : "none", reply: Encryption.notSupported };
  }
  if (client === Encryption.notSupported) {
    return server === "required"
      ? { outcome: "refused", reply: Encryption.required }
      : { outcome: "none", reply: Encryption.notSupported };
  }
  if (server === "required") return { outcome: "all", reply: Encryption.required };
  return client === Encryption.off
    ? { outcome: "login", reply: Encryption.off }
    : { outcome: "all", reply: Encryption.on };
}
