import { createHash, createPublicKey, generateKeyPair, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv6 } from "node:net";
import { promisify } from "node:util";
import {
  bitString,
  boolean,
  context,
  integer,
  octetString,
  oid,
  sequence,
  set,
  utcTime,
  utf8,
} from "./der.ts";

/**
 * Certificates for one machine: the authority a local stack is trusted by, the certificate its servers show,
 * and certificates for service principals. Encoded here because @peculiar/x509 2 does not load without a
 * `reflect-metadata` polyfill, and asking for an `openssl` binary would break `npm ci && npm run demo`.
 */

export interface LocalCertificates {
  /** The authority's certificate, PEM: what `NODE_EXTRA_CA_CERTS` points at. Its key is thrown away. */
  readonly ca: string;
  /** The server's private key, PEM (PKCS#8). */
  readonly key: string;
  /** The server's certificate, PEM, for localhost, 127.0.0.1, ::1 and the names asked for. */
  readonly cert: string;
}

const day = 86_400_000;
const loopback = ["127.0.0.1", "::1"];
const generate = promisify(generateKeyPair);

/**
 * A new authority and one server certificate signed by it. Valid 365 days from yesterday.
 * @param names further DNS names of the server. OpenSSL matches no wildcard with a single label after it
 *   (`*.localhost`), so name each host or put one more label before it (`*.vault.localhost`).
 */
export async function createLocalCertificates(names: readonly string[] = []): Promise<LocalCertificates> {
  const [authority, server] = await Promise.all([newEllipticKey(), newEllipticKey()]);
  const issuer = { name: "sqlfleet local authority", key: authority };
  return {
    ca: encodeCertificate({ ...issuer, issuer, extensions: authorityExtensions(authority) }),
    key: server.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: encodeCertificate({
      name: "localhost",
      key: server,
      issuer,
      extensions: [...serverExtensions(server, authority), alternativeNames(names)],
    }),
  };
}

/** A self-signed RSA certificate with its key, as an application registration takes it. */
export async function createPrincipalCertificate(name: string): Promise<{ key: string; cert: string }> {
  const { privateKey } = await generate("rsa", { modulusLength: 2048 });
  const issuer = { name, key: privateKey };
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: encodeCertificate({ ...issuer, issuer, extensions: [] }),
  };
}

interface Subject {
  readonly name: string;
  readonly key: KeyObject;
}

interface CertificateFacts extends Subject {
  readonly issuer: Subject;
  readonly extensions: readonly Buffer[];
}

async function newEllipticKey(): Promise<KeyObject> {
  const { privateKey } = await generate("ec", { namedCurve: "P-256" });
  return privateKey;
}

function encodeCertificate({ name, key, issuer, extensions }: CertificateFacts): string {
  const algorithm = signatureAlgorithm(issuer.key);
  const now = Date.now();
  const body = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    commonName(issuer.name),
    sequence(utcTime(new Date(now - day)), utcTime(new Date(now + 365 * day))),
    commonName(name),
    publicKeyInfo(key),
    ...(extensions.length > 0 ? [context(3, sequence(...extensions))] : []),
  );
  const certificate = sequence(body, algorithm, bitString(sign("sha256", body, issuer.key)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === "rsa"
    ? sequence(oid("1.2.840.113549.1.1.11"), Buffer.from([5, 0]))
    : sequence(oid("1.2.840.10045.4.3.2"));
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(oid("2.5.4.3"), utf8(name))));
}

function publicKeyInfo(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

const keyId = (key: KeyObject): Buffer => createHash("sha1").update(publicKeyInfo(key)).digest();

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** RFC 5280, 4.2.1: basic constraints CA, key usage keyCertSign and cRLSign, subject key identifier. */
function authorityExtensions(key: KeyObject): Buffer[] {
  return [
    extension("2.5.29.19", sequence(boolean(true)), true),
    extension("2.5.29.15", bitString(Buffer.from([0x06]), 1), true),
    extension("2.5.29.14", octetString(keyId(key))),
  ];
}

/** Key usage digitalSignature, server authentication, and who signed. */
function serverExtensions(key: KeyObject, authority: KeyObject): Buffer[] {
  return [
    extension("2.5.29.15", bitString(Buffer.from([0x80]), 7), true),
    extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.14", octetString(keyId(key))),
    extension("2.5.29.35", sequence(context(0, keyId(authority), false))),
  ];
}

function alternativeNames(names: readonly string[]): Buffer {
  const dns = ["localhost", ...names].map((name) => context(2, Buffer.from(name), false));
  const addresses = loopback.map((address) => context(7, addressBytes(address), false));
  return extension("2.5.29.17", sequence(...dns, ...addresses));
}

/** Only the loopback addresses occur, so only their short forms are understood. */
function addressBytes(address: string): Buffer {
  return isIPv6(address)
    ? Buffer.concat([Buffer.alloc(15), Buffer.from([1])])
    : Buffer.from(address.split(".").map(Number));
}
