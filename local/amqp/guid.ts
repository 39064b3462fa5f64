import { randomUUID } from "node:crypto";

/** A lock token as the SDKs show it: a GUID in its usual spelling. */
export type LockToken = string;

export const createLockToken = (): LockToken => randomUUID();

/** The bytes of a GUID in the order they are spelt. */
export function toUuidBytes(token: LockToken): Buffer {
  return Buffer.from(token.replaceAll("-", ""), "hex");
}

export function parseUuidBytes(bytes: Buffer): LockToken {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A delivery's tag is its lock token with the first three groups little-endian, as .NET lays a GUID out. */
export function toDeliveryTag(token: LockToken): Buffer {
  const bytes = toUuidBytes(token);
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
