import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createCertificate } from "../../deploy/certificate/create-certificate.ts";
import { isOver, poll, startTestStack, type TestStack } from "../support/test-stack.ts";

/** Workers as a service principal with certificate, everything opened by identity. */
let stack: TestStack;
let certificates: string;
let pfx: string;

beforeAll(async () => {
  const made = await createCertificate({
    ...{ name: "worker", password: "word", days: 1, now: new Date(), bits: 2048 },
  });
  certificates = await mkdtemp(join(tmpdir(), "certificates-"));
  pfx = join(certificates, `sha1-${made.thumbprint.hex.toLowerCase()}.pfx`);
  await writeFile(pfx, made.pfx);
  await writeFile(`${pfx}.pw`, "word");
  stack = await startTestStack({
    ...{ databases: 2, servers: 1, identityOnly: true },
    workerCertificate: { folder: certificates, thumbprint: made.thumbprint.hex, crt: made.crt },
  });
  await stack.upload("insert", "INSERT INTO dbo.TransactionTest VALUES ('certified', NEWID(), GETDATE());");
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await rm(certificates, { recursive: true });
});

const startRun = (): Promise<string> => stack.start("insert", 2, { compute: { kind: "batch", nodes: 1 } });

it("workers log in with the certificate of their node, and nothing is left of it", async () => {
  const run = await stack.until(await startRun(), isOver);
  expect(run).toMatchObject({ state: "succeeded", targets: { committed: 2 } });
  const files = await readTexts(stack.folder);
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((text) => text.includes("PRIVATE KEY"))).toEqual([]);
  expect(await readdir(certificates)).toHaveLength(2);
}, 90_000);

it("a worker that cannot open it says why, by code", async () => {
  await writeFile(`${pfx}.pw`, "canary");
  const runId = await startRun();
  const isTold = (texts: readonly string[]): boolean =>
    texts.some((text) => text.includes("CertificatePasswordWrong"));
  const texts = await poll(() => readTexts(stack.folder), isTold, 30);
  await stack.call("POST", `/runs/${runId}/cancel`);
  expect(texts.some((text) => text.includes("canary"))).toBe(false);
  await stack.until(runId, isOver);
}, 90_000);

async function readTexts(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1").catch(() => "")),
  );
}
