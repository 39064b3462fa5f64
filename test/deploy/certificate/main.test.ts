import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNodeCertificate } from "../../../services/identity/certificate/read-node-certificate.ts";
import { readPfx } from "../../../services/identity/certificate/read-pfx.ts";
import { hasOpenssl } from "../../support/openssl.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../../../deploy/certificate/main.ts", import.meta.url));
const call = (...args: readonly string[]) => run(process.execPath, [program, ...args]);
let folder: string;
let said: string;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "certificate-"));
  ({ stdout: said } = await call("create", "worker", "--out", folder));
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

test("create: an RSA 4096 key, 365 days, and the private key in the PFX only", async () => {
  const certificate = new X509Certificate(await readFile(path("worker.crt")));
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(4096);
  expect(certificate.subject).toBe("CN=worker");
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  const days = (certificate.validToDate.getTime() - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(365);
  const pfx = readPfx(await readFile(path("worker.pfx")), await readFile(path("worker.pfx.pw"), "utf8"));
  expect(pfx.certificate.fingerprint).toBe(certificate.fingerprint);
  for (const name of ["worker.pfx", "worker.pfx.pw"]) expect((await stat(path(name))).mode & 0o077).toBe(0);
  expect(said).not.toContain(await readFile(path("worker.pfx.pw"), "utf8"));
});

test("thumbprint: from hex, from base64 and from the file, the same", async () => {
  const { stdout } = await call("thumbprint", path("worker.crt"));
  const [, hex = "", base64 = ""] = /hex +(\S+)\nbase64 +(\S+)/.exec(stdout) ?? [];
  expect(Buffer.from(base64, "base64").toString("hex").toUpperCase()).toBe(hex);
  for (const value of [hex, base64]) expect((await call("thumbprint", value)).stdout).toBe(stdout);
  expect(said).toContain(stdout);
  await expect(call("thumbprint", "worker")).rejects.toThrow(/neither a thumbprint nor a certificate file/);
});

test("create does not write over a certificate", async () => {
  await expect(call("create", "worker", "--out", folder)).rejects.toThrow(/EEXIST/);
}, 60_000);

test("what it makes is what a node reads", async () => {
  const hex = /hex +(\S+)/.exec(said)?.[1] ?? "";
  const named = `sha1-${hex.toLowerCase()}.pfx`;
  await copyFile(path("worker.pfx"), path(named));
  await copyFile(path("worker.pfx.pw"), path(`${named}.pw`));
  const { pem } = await readNodeCertificate({ folder, thumbprint: hex, now: new Date() });
  expect(pem).toContain("PRIVATE KEY");
});

describe.skipIf(!hasOpenssl)("openssl agrees (skipped where there is no openssl binary)", () => {
  const openssl = (...args: readonly string[]) => run("openssl", [...args], { cwd: folder });

  test("with the PFX, its key and its certificate", async () => {
    const { stdout } = await openssl(
      "pkcs12",
      "-in",
      "worker.pfx",
      "-passin",
      "file:worker.pfx.pw",
      "-nodes",
    );
    expect(stdout).toContain("BEGIN PRIVATE KEY");
    expect(stdout).toContain((await readFile(path("worker.crt"), "utf8")).trim());
    await expect(openssl("pkcs12", "-in", "worker.pfx", "-passin", "pass:wrong", "-nodes")).rejects.toThrow();
  });

  test("with the signing request", async () => {
    const { stdout, stderr } = await openssl("req", "-in", "worker.csr", "-verify", "-noout", "-text");
    expect(stderr).toMatch(/verify OK/);
    expect(stdout).toContain("Public-Key: (4096 bit)");
  });

  test("with the certificate and its thumbprint", async () => {
    await openssl("verify", "-CAfile", "worker.crt", "worker.crt");
    const { stdout } = await openssl("x509", "-in", "worker.crt", "-noout", "-fingerprint", "-sha1");
    expect(said).toContain(stdout.replace(/^.*=/, "").replace(/[:\s]/g, ""));
  });
});
