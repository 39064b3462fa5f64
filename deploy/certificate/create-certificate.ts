import { generateKeyPair, randomBytes, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import forge from "node-forge";
import { type Thumbprint, toThumbprint } from "../../services/identity/certificate/thumbprint.ts";

export interface CertificateRequest {
  /** The subject's common name. */
  readonly name: string;
  /** Of the PFX. */
  readonly password: string;
  readonly days: number;
  readonly now: Date;
  /** Bits of the RSA key. */
  readonly bits: number;
}

/** All there is to install; the private key is in the PFX and nowhere else. */
export interface CreatedCertificate {
  /** For Azure Batch, or whoever proves to be the application. AES-256, opened with the password. */
  readonly pfx: Buffer;
  /** For the application's registration: the public value, PEM. */
  readonly crt: string;
  /** For an authority of one's own instead of a self-signed certificate: the signing request, PEM. */
  readonly csr: string;
  readonly thumbprint: Thumbprint;
  readonly validTo: Date;
}

const day = 86_400_000;

/** A self-signed certificate for a service principal, signed with SHA-256. */
export async function createCertificate(request: CertificateRequest): Promise<CreatedCertificate> {
  const { privateKey: pem } = await promisify(generateKeyPair)("rsa", {
    modulusLength: request.bits,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const key = forge.pki.privateKeyFromPem(pem);
  const certificate = signCertificate(request, key);
  const crt = toUnixText(forge.pki.certificateToPem(certificate));
  return {
    pfx: toPfx(key, certificate, request.password),
    crt,
    csr: toUnixText(forge.pki.certificationRequestToPem(signRequest(request, key))),
    thumbprint: toThumbprint(new X509Certificate(crt).raw),
    validTo: certificate.validity.notAfter,
  };
}

function signCertificate(
  { name, days, now }: CertificateRequest,
  key: forge.pki.rsa.PrivateKey,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = toPublicKey(key);
  // A leading zero keeps the number positive; RFC 5280 allows 20 bytes.
  certificate.serialNumber = `00${randomBytes(16).toString("hex")}`;
  // Clocks differ by minutes.
  certificate.validity.notBefore = new Date(now.getTime() - 300_000);
  certificate.validity.notAfter = new Date(now.getTime() + days * day);
  certificate.setSubject(toSubject(name));
  certificate.setIssuer(toSubject(name));
  certificate.setExtensions([
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, critical: true },
    { name: "extKeyUsage", clientAuth: true },
    { name: "subjectKeyIdentifier" },
  ]);
  certificate.sign(key, forge.md.sha256.create());
  return certificate;
}

function signRequest(
  { name }: CertificateRequest,
  key: forge.pki.rsa.PrivateKey,
): forge.pki.CertificateSigningRequest {
  const request = forge.pki.createCertificationRequest();
  request.publicKey = toPublicKey(key);
  request.setSubject(toSubject(name));
  request.sign(key, forge.md.sha256.create());
  return request;
}

function toPfx(key: forge.pki.rsa.PrivateKey, certificate: forge.pki.Certificate, password: string): Buffer {
  const options = { algorithm: "aes256", prfAlgorithm: "sha256", count: 10_000, generateLocalKeyId: true };
  const asn1 = forge.pkcs12.toPkcs12Asn1(key, [certificate], password, options as Pkcs12Options);
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), "binary");
}

/** The types know fewer options than the library. */
type Pkcs12Options = Parameters<typeof forge.pkcs12.toPkcs12Asn1>[3];

const toPublicKey = (key: forge.pki.rsa.PrivateKey): forge.pki.rsa.PublicKey =>
  forge.pki.setRsaPublicKey(key.n, key.e);
const toSubject = (name: string): forge.pki.CertificateField[] => [{ name: "commonName", value: name }];
const toUnixText = (pem: string): string => pem.replaceAll("\r\n", "\n");
