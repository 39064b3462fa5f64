import { constants, type KeyObject, sign, verify } from "node:crypto";
import { isRecord } from "../web-server.ts";

/** JSON Web Tokens (RFC 7519) with the two signatures Microsoft's libraries use. */

export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The first two parts as they were signed. */
  readonly signed: string;
  readonly signature: Buffer;
}

/** A token signed RS256. */
export function signJwt(header: object, claims: object, key: KeyObject): string {
  const signed = `${encodePart({ typ: "JWT", alg: "RS256", ...header })}.${encodePart(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

/** Takes a token apart without believing it. */
export function parseJwt(token: string): Jwt | undefined {
  const [head, body, signature, ...rest] = token.split(".");
  const header = decodePart(head);
  const claims = decodePart(body);
  if (!header || !claims || signature === undefined || rest.length > 0) return undefined;
  return {
    header,
    claims,
    signed: `${head ?? ""}.${body ?? ""}`,
    signature: Buffer.from(signature, "base64url"),
  };
}

/** Whether this key signed the token, with the algorithm its header names (RS256 or PS256). */
export function isSignedBy(jwt: Jwt, key: KeyObject): boolean {
  const data = Buffer.from(jwt.signed);
  if (jwt.header["alg"] === "RS256") return verify("sha256", data, key, jwt.signature);
  if (jwt.header["alg"] !== "PS256") return false;
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return verify("sha256", data, { key, ...padding }, jwt.signature);
}

const encodePart = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function decodePart(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text ?? "", "base64url").toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
