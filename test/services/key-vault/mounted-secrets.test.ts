import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMountedSecrets } from "../../../services/key-vault/mounted-secrets.ts";
import { describeSecretReading } from "../contract/ports/secrets.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "secrets-"));
});
afterAll(() => rm(folder, { recursive: true }));

const open = () => createMountedSecrets(folder);

describeSecretReading("mounted by the CSI driver", {
  open,
  put: (name, value) => writeFile(join(folder, name), value),
});

test("without the folder, every secret is missing", async () => {
  await expect(createMountedSecrets(join(folder, "gone")).read("UserName")).rejects.toMatchObject({
    code: "SecretMissing",
    message: `UserName is not among the secrets mounted at ${join(folder, "gone")}.`,
  });
});

const isRoot = process.getuid?.() === 0;

test.skipIf(isRoot)("a file that may not be read is SecretForbidden (not as root, who may)", async () => {
  await writeFile(join(folder, "Password"), "canary");
  await chmod(join(folder, "Password"), 0);
  await expect(open().read("Password")).rejects.toMatchObject({ code: "SecretForbidden" });
});

test("what is no file is no secret", async () => {
  await expect(createMountedSecrets("/dev/null").read("UserName")).rejects.toMatchObject({
    code: "ServiceUnavailable",
    message: expect.stringMatching(/^Mounted secrets: ENOTDIR/),
  });
});
