import type { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../model/failures.ts";
import { readPfx, toPem } from "./read-pfx.ts";
import { parseThumbprint, toThumbprint } from "./thumbprint.ts";

interface Wanted {
  /** `AZ_BATCH_CERTIFICATES_DIR` */
  readonly folder: string;
  /** Hex or base64. */
  readonly thumbprint: string;
  readonly now: Date;
}

/**
 * A service principal's certificate as Azure Batch laid certificates out on its nodes: `sha1-{thumbprint}.pfx`, and
 * its password in the same path + `.pw`. Converted in memory; nothing is written anywhere.
 * @returns private key, certificate and chain as PEM
 * @throws Failure CertificateMissing, CertificatePasswordWrong, CertificateUnreadable, CertificateThumbprintMismatch,
 *   CertificateExpired, IdentityNotConfigured
 */
export async function readNodeCertificate({
  folder,
  thumbprint,
  now,
}: Wanted): Promise<{ readonly pem: string }> {
  const wanted = parseThumbprint(thumbprint);
  if (!wanted) {
    throw new Failure("IdentityNotConfigured", `'${thumbprint}' is no SHA-1 thumbprint, in hex or base64.`);
  }
  const { path, bytes } = await readPfxFile(folder, wanted.hex);
  const password = (await readNamed(`${path}.pw`)).toString("utf8").replace(/\r?\n$/, "");
  const pfx = readPfx(bytes, password);
  const found = toThumbprint(pfx.certificate.raw);
  if (found.hex !== wanted.hex) {
    throw new Failure("CertificateThumbprintMismatch", `${path} holds the certificate ${found.hex}.`);
  }
  checkDates(pfx.certificate, now);
  return { pem: toPem(pfx) };
}

/** The agent wrote the name in lower case on some images, in upper case on others. */
async function readPfxFile(folder: string, hex: string): Promise<{ path: string; bytes: Buffer }> {
  const lower = join(folder, `sha1-${hex.toLowerCase()}.pfx`);
  const bytes = await readFile(lower).catch(() => undefined);
  if (bytes) return { path: lower, bytes };
  const upper = join(folder, `sha1-${hex}.pfx`);
  return { path: upper, bytes: await readNamed(upper) };
}

async function readNamed(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Failure("CertificateMissing", `${path} cannot be read.`, { cause });
  }
}

/** Entra ID would refuse it as well, with a text about assertions. */
function checkDates({ validFromDate, validToDate }: X509Certificate, now: Date): void {
  if (now > validToDate) {
    throw new Failure("CertificateExpired", `The certificate ran out on ${validToDate.toISOString()}.`);
  }
  if (now < validFromDate) {
    throw new Failure("CertificateExpired", `The certificate begins only on ${validFromDate.toISOString()}.`);
  }
}
