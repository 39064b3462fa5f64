import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import forge from "node-forge";
import { Failure } from "../../../model/failures.ts";

/** What a PFX (PKCS#12) holds of one identity. */
export interface Pfx {
  readonly key: KeyObject;
  /** The certificate of the key. */
  readonly certificate: X509Certificate;
  /** The others, as they stand in the file: its issuers. */
  readonly chain: readonly X509Certificate[];
}

/**
 * Opens a PFX in memory, made by OpenSSL 1 (RC2, 3DES, SHA-1) or 3 (AES, SHA-256): Node itself takes a PFX only for
 * TLS, never gives its parts out, and refuses RC2. The key is RSA, as Entra ID wants it.
 * @throws Failure CertificatePasswordWrong, CertificateUnreadable
 */
export function readPfx(bytes: Uint8Array, password: string): Pfx {
  const { keys, certificates } = readBags(bytes, password);
  const [key] = keys;
  if (!key) throw new Failure("CertificateUnreadable", "The PFX holds no RSA private key.");
  const certificate = certificates.find((each) => each.checkPrivateKey(key));
  if (!certificate) throw new Failure("CertificateUnreadable", "The PFX holds no certificate of its key.");
  return { key, certificate, chain: certificates.filter((each) => each !== certificate) };
}

/** Key, certificate and chain in one text, as the SDK takes them. */
export function toPem({ key, certificate, chain }: Pfx): string {
  const parts = [certificate, ...chain].map((each) => each.toString());
  return [key.export({ type: "pkcs8", format: "pem" }).toString(), ...parts].join("");
}

function readBags(
  bytes: Uint8Array,
  password: string,
): { readonly keys: readonly KeyObject[]; readonly certificates: readonly X509Certificate[] } {
  const { oids } = forge.pki;
  try {
    const asn1 = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString("binary")));
    const pfx = forge.pkcs12.pkcs12FromAsn1(asn1, false, password);
    const bagsOf = (type: string | undefined): readonly forge.pkcs12.Bag[] =>
      (type === undefined ? undefined : pfx.getBags({ bagType: type })[type]) ?? [];
    const keys = [...bagsOf(oids["pkcs8ShroudedKeyBag"]), ...bagsOf(oids["keyBag"])].flatMap(toKey);
    return { keys, certificates: bagsOf(oids["certBag"]).flatMap(toCertificate) };
  } catch (error) {
    throw toPfxFailure(error, password);
  }
}

function toKey({ key }: forge.pkcs12.Bag): KeyObject[] {
  return key ? [createPrivateKey(forge.pki.privateKeyToPem(key))] : [];
}

/** The library understands RSA certificates only; the bytes of any other are left in `asn1`. */
function toCertificate({ cert, asn1 }: forge.pkcs12.Bag): X509Certificate[] {
  if (cert) return [new X509Certificate(forge.pki.certificateToPem(cert))];
  return [new X509Certificate(Buffer.from(forge.asn1.toDer(asn1).getBytes(), "binary"))];
}

/** Without the cause: the library's errors quote what they could not read. */
function toPfxFailure(error: unknown, password: string): Failure {
  const text = error instanceof Error ? error.message : "";
  if (!/invalid password|decrypt/i.test(text)) {
    return new Failure("CertificateUnreadable", "The file is no PFX that can be read.");
  }
  // AES takes the password as UTF-8, RC2 and 3DES as UTF-16; the library knows the latter.
  const hint = /[^ -~]/.test(password)
    ? " Use one of ASCII characters only: others work with 3DES only."
    : "";
  return new Failure("CertificatePasswordWrong", `The PFX does not open with its password.${hint}`);
}
