import { ByteReader } from "./byte-reader.ts";

/** What a LOGIN7 message says (MS-TDS 2.2.6.4). */
export interface Login {
  readonly tdsVersion: number;
  /** What the client would like; 0 = the server's choice. */
  readonly packetSize: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly applicationName: string;
  readonly hostName: string;
  readonly features: readonly number[];
  readonly fedAuth: FedAuth | undefined;
}

/** An Entra login: the token comes with the login, or in a message of its own after the server said where from. */
type FedAuth = { readonly kind: "token"; readonly token: string } | { readonly kind: "workflow" };

export const Feature = { fedAuth: 0x02, utf8: 0x0a, end: 0xff } as const;

const At = {
  packetSize: 8,
  flags3: 27,
  host: 36,
  user: 40,
  password: 44,
  application: 48,
  extension: 56,
} as const;
const DATABASE_AT = 68;
const EXTENSION_USED = 0x10;
const FedAuthLibrary = { securityToken: 0x01, adal: 0x02 } as const;

export function decodeLogin7(payload: Buffer): Login {
  const features = decodeFeatures(payload);
  return {
    tdsVersion: payload.readUInt32LE(4),
    packetSize: payload.readUInt32LE(At.packetSize),
    user: slice(payload, At.user).toString("utf16le"),
    password: descramble(slice(payload, At.password)),
    database: slice(payload, DATABASE_AT).toString("utf16le"),
    applicationName: slice(payload, At.application).toString("utf16le"),
    hostName: slice(payload, At.host).toString("utf16le"),
    features: features.map(({ id }) => id),
    fedAuth: decodeFedAuth(features.find(({ id }) => id === Feature.fedAuth)?.data),
  };
}

/** Offsets and lengths stand in pairs; lengths count characters. */
function slice(payload: Buffer, at: number): Buffer {
  const offset = payload.readUInt16LE(at);
  return payload.subarray(offset, offset + payload.readUInt16LE(at + 2) * 2);
}

/** The client swapped the halves of each byte and flipped 0xA5: no secrecy, only no plain text. */
function descramble(scrambled: Buffer): string {
  const plain = scrambled.map((byte) => {
    const flipped = byte ^ 0xa5;
    return ((flipped << 4) | (flipped >> 4)) & 0xff;
  });
  return Buffer.from(plain).toString("utf16le");
}

function decodeFeatures(payload: Buffer): readonly { readonly id: number; readonly data: Buffer }[] {
  // tedious sets the flag in every login, and leaves the length 0 where it has no extension (all versions but 7.4).
  const used = (payload.readUInt8(At.flags3) & EXTENSION_USED) !== 0;
  if (!used || payload.readUInt16LE(At.extension + 2) === 0) return [];
  const reader = new ByteReader(payload);
  reader.seek(payload.readUInt32LE(payload.readUInt16LE(At.extension)));
  const features: { id: number; data: Buffer }[] = [];
  for (let id = reader.uint8(); id !== Feature.end; id = reader.uint8()) {
    features.push({ id, data: reader.raw(reader.uint32()) });
  }
  return features;
}

function decodeFedAuth(data: Buffer | undefined): FedAuth | undefined {
  if (data === undefined) return undefined;
  const reader = new ByteReader(data);
  const library = reader.uint8() >> 1;
  if (library === FedAuthLibrary.securityToken)
    return { kind: "token", token: reader.utf16(reader.uint32()) };
  return library === FedAuthLibrary.adal ? { kind: "workflow" } : undefined;
}

/** The token of the workflow, in its own message (MS-TDS 2.2.6.3). */
export function decodeFedAuthToken(payload: Buffer): string {
  const reader = new ByteReader(payload);
  reader.uint32();
  return reader.utf16(reader.uint32());
}
