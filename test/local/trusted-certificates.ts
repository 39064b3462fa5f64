import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createLocalCertificates, type LocalCertificates } from "../../local/certificates.ts";

/** Certificates this process trusts at once (`NODE_EXTRA_CA_CERTS` is read only when a process starts). */
export async function createTrustedCertificates(): Promise<LocalCertificates> {
  const certificates = await createLocalCertificates();
  setDefaultCACertificates([...getCACertificates("default"), certificates.ca]);
  return certificates;
}
