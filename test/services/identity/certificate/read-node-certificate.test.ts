import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createCertificate,
  type CreatedCertificate,
} from "../../../../deploy/certificate/create-certificate.ts";
import { toFailure } from "../../../../model/failures.ts";
import { readNodeCertificate } from "../../../../services/identity/certificate/read-node-certificate.ts";

const now = new Date("2026-03-01T12:00:00Z");
const password = "word of the pfx";
let folder: string;
let made: CreatedCertificate;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-certificates-"));
  made = await createCertificate({ name: "worker", password, days: 365, now, bits: 2048 });
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  for (const name of await readdir(folder)) await rm(join(folder, name));
});

const lay = async (name: string, pfx: Uint8Array, word: string | undefined): Promise<void> => {
  await writeFile(join(folder, name), pfx);
  if (word !== undefined) await writeFile(join(folder, `${name}.pw`), word);
};
const fileName = (hex = made.thumbprint.hex): string => `sha1-${hex.toLowerCase()}.pfx`;
const read = (thumbprint = made.thumbprint.hex, at = now) =>
  readNodeCertificate({ folder, thumbprint, now: at });
const failureOf = async (act: Promise<unknown>) =>
  toFailure(
    await act.then(
      () => "it worked",
      (error: unknown) => error,
    ),
  );

describe("a certificate of a Batch node", () => {
  test.each(["lower", "upper"])(
    "is found by hex and by base64, file name in %s case, and nothing is written",
    async (letters) => {
      const name = letters === "upper" ? `sha1-${made.thumbprint.hex}.pfx` : fileName();
      await lay(name, made.pfx, `${password}\n`);
      const { pem } = await read(made.thumbprint.base64);
      expect(pem).toContain("-----BEGIN PRIVATE KEY-----");
      expect(pem).toContain(made.crt.trim());
      expect(await read()).toEqual({ pem });
      expect((await readdir(folder)).sort()).toEqual([name, `${name}.pw`]);
    },
  );

  test("a missing PFX, and a missing password, are CertificateMissing and named", async () => {
    expect(await failureOf(read())).toMatchObject({ code: "CertificateMissing" });
    await lay(fileName(), made.pfx, undefined);
    const failure = await failureOf(read());
    expect(failure).toMatchObject({ code: "CertificateMissing" });
    expect(failure.message).toContain(".pfx.pw");
  });

  test("a wrong password is CertificatePasswordWrong, and is not quoted", async () => {
    await lay(fileName(), made.pfx, "canary");
    const failure = await failureOf(read());
    expect(failure).toMatchObject({ code: "CertificatePasswordWrong" });
    expect(failure.message).not.toContain("canary");
  });

  test("a damaged file is CertificateUnreadable", async () => {
    await lay(fileName(), made.pfx.subarray(0, 500), password);
    expect(await failureOf(read())).toMatchObject({ code: "CertificateUnreadable" });
  });

  test("another certificate under this name is CertificateThumbprintMismatch", async () => {
    const other = "00".repeat(20);
    await lay(fileName(other), made.pfx, password);
    const failure = await failureOf(read(other));
    expect(failure).toMatchObject({ code: "CertificateThumbprintMismatch" });
    expect(failure.message).toContain(made.thumbprint.hex);
  });

  test.each(["2027-03-01T12:00:01Z", "2026-02-28T00:00:00Z"])(
    "at %s it is CertificateExpired",
    async (at) => {
      await lay(fileName(), made.pfx, password);
      expect(await failureOf(read(undefined, new Date(at)))).toMatchObject({ code: "CertificateExpired" });
    },
  );

  test("a thumbprint that is none is IdentityNotConfigured", async () => {
    expect(await failureOf(read("worker"))).toMatchObject({ code: "IdentityNotConfigured" });
  });
});
