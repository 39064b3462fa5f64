import { createHash } from "node:crypto";

/** The SHA-1 of a certificate, as the two places that ask for it write it. */
export interface Thumbprint {
  /** 40 upper-case hexadecimal digits: the portal, Batch, file names. */
  readonly hex: string;
  /** The same 20 bytes in base64: `x5t` of JWT headers, `customKeyIdentifier` of app registrations. */
  readonly base64: string;
}

/** Of a certificate in DER. */
export function toThumbprint(der: Uint8Array): Thumbprint {
  return fromBytes(createHash("sha1").update(der).digest());
}

/** From either form; colons, spaces, case and base64url do not matter. undefined when it is neither. */
export function parseThumbprint(text: string): Thumbprint | undefined {
  const packed = text.replace(/[\s:]/g, "");
  if (/^[0-9a-f]{40}$/i.test(packed)) return fromBytes(Buffer.from(packed, "hex"));
  if (/^[\w+/-]{27}=?$/.test(packed)) return fromBytes(Buffer.from(packed, "base64"));
  return undefined;
}

function fromBytes(bytes: Buffer): Thumbprint {
  return { hex: bytes.toString("hex").toUpperCase(), base64: bytes.toString("base64") };
}
