import { createPrivateKey, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPfx, toPem } from "../../../../services/identity/certificate/read-pfx.ts";
import { toThumbprint } from "../../../../services/identity/certificate/thumbprint.ts";
import { hasOpenssl, openOpensslFolder, type OpensslFolder } from "../../../support/openssl.ts";

const password = "pässword ✓ 'quoted'";

/** Ways people have made their PFX. */
const encodings = {
  "OpenSSL 3 (AES-256, SHA-256)": [],
  "OpenSSL 1 (RC2-40, 3DES, SHA-1)": ["-legacy"],
  "3DES for both, SHA-1": ["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
  "certificates in clear": ["-certpbe", "NONE"],
  "SHA-512": ["-macalg", "sha512"],
};

describe.skipIf(!hasOpenssl)("a PFX made by openssl (skipped where there is no openssl binary)", () => {
  let files: OpensslFolder;
  beforeAll(() => {
    files = openOpensslFolder();
    files.run(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "ca.key",
      "-out",
      "ca.crt",
      "-subj",
      "/CN=ca",
    );
    files.run(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "leaf.key",
      "-out",
      "leaf.csr",
      "-subj",
      "/CN=leaf",
    );
    files.run(
      "x509",
      "-req",
      "-in",
      "leaf.csr",
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-set_serial",
      "1",
      "-out",
      "leaf.crt",
    );
  });
  afterAll(() => {
    files.remove();
  });

  const makePfx = (name: string, passphrase: string, more: readonly string[]): Buffer => {
    files.write("password", passphrase);
    const from = [
      "-in",
      "leaf.crt",
      "-inkey",
      "leaf.key",
      "-certfile",
      "ca.crt",
      "-passout",
      "file:password",
    ];
    files.run("pkcs12", "-export", ...from, ...more, "-out", name);
    return files.read(name);
  };

  test.each(Object.entries(encodings))("%s: key, certificate and chain", (_, more) => {
    const pfx = readPfx(makePfx("some.pfx", "secret word 1", more), "secret word 1");
    const [leaf, ca] = [files.read("leaf.crt"), files.read("ca.crt")].map((pem) => new X509Certificate(pem));
    expect(pfx.key.equals(createPrivateKey(files.read("leaf.key")))).toBe(true);
    expect(pfx.certificate.raw.equals(leaf!.raw)).toBe(true);
    expect(pfx.chain.map(({ subject }) => subject)).toEqual([ca!.subject]);
    const pem = toPem(pfx);
    expect(pem.match(/-----BEGIN [A-Z ]+-----/g)).toEqual([
      "-----BEGIN PRIVATE KEY-----",
      "-----BEGIN CERTIFICATE-----",
      "-----BEGIN CERTIFICATE-----",
    ]);
  });

  test.each(Object.entries(encodings))("%s: a wrong password is told as such", (_, more) => {
    const bytes = makePfx("locked.pfx", "right", more);
    expect(() => readPfx(bytes, "wrong")).toThrow(
      expect.objectContaining({ code: "CertificatePasswordWrong" }) as Error,
    );
  });

  test("a password that is not ASCII opens RC2 and 3DES; with AES the failure says so", () => {
    expect(readPfx(makePfx("umlaut.pfx", password, ["-legacy"]), password).certificate.subject).toBe(
      "CN=leaf",
    );
    const bytes = makePfx("umlaut.pfx", password, []);
    expect(() => readPfx(bytes, password)).toThrow(/ASCII/);
  });

  test("the thumbprint is the one openssl prints", () => {
    const printed = files.run("x509", "-in", "leaf.crt", "-noout", "-fingerprint", "-sha1");
    const thumbprint = toThumbprint(new X509Certificate(files.read("leaf.crt")).raw);
    expect(thumbprint.hex).toBe(printed.replace(/^.*=/, "").replace(/[:\s]/g, ""));
  });

  test("a key that is not RSA, and no key at all, are CertificateUnreadable", () => {
    files.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ec.key");
    files.run("req", "-x509", "-key", "ec.key", "-out", "ec.crt", "-subj", "/CN=ec");
    files.run(
      "pkcs12",
      "-export",
      "-in",
      "ec.crt",
      "-inkey",
      "ec.key",
      "-passout",
      "pass:p",
      "-out",
      "ec.pfx",
    );
    files.run("pkcs12", "-export", "-in", "ca.crt", "-nokeys", "-passout", "pass:p", "-out", "nokey.pfx");
    for (const name of ["ec.pfx", "nokey.pfx"]) {
      expect(() => readPfx(files.read(name), "p")).toThrow(
        expect.objectContaining({ code: "CertificateUnreadable" }) as Error,
      );
    }
  });
});

test.each([
  ["nothing", ""],
  ["text", "this is no PFX"],
  ["a cut file", "0\u0082\u0010"],
])("%s is CertificateUnreadable, and is not quoted", (_, content) => {
  expect(() => readPfx(Buffer.from(content, "latin1"), "p")).toThrow(
    expect.objectContaining({
      code: "CertificateUnreadable",
      message: "The file is no PFX that can be read.",
    }) as Error,
  );
});
