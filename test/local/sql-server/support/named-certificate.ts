import { generateKeyPairSync, randomUUID } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import forge from "node-forge";

/** A self-signed certificate for one name and nothing else, trusted by this process from now on. */
export function createNamedCertificate(name: string): { readonly key: string; readonly cert: string } {
  const pem = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pem.publicKey);
  certificate.serialNumber = "01";
  certificate.validity.notBefore = new Date(Date.now() - 86_400_000);
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  // OpenSSL looks for an issuer by its name and takes the first: none may have the name of another test's.
  const subject = [{ name: "commonName", value: randomUUID() }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }]);
  certificate.sign(forge.pki.privateKeyFromPem(pem.privateKey), forge.md.sha256.create());
  const cert = forge.pki.certificateToPem(certificate);
  setDefaultCACertificates([...getCACertificates("default"), cert]);
  return { key: pem.privateKey, cert };
}
