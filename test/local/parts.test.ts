import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Parts, startParts } from "../../local/parts.ts";
import { root } from "../../local/root.ts";
import { toFunctionSettings } from "../../local/wiring.ts";

const undo = new AsyncDisposableStack();
let parts: Parts;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "sqlfleet-parts-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  parts = await startParts(
    {
      ...{ root, folder, databases: 1, servers: 1, sqlPort: 0, setupSql: "SELECT 1", identityOnly: true },
      onFailure: (reason) => {
        throw new Error(reason);
      },
    },
    undo,
  );
  setDefaultCACertificates([...getCACertificates("default"), await readFile(parts.caFile, "utf8")]);
}, 60_000);
afterAll(() => undo.disposeAsync());

/** A token as a process gets it that has one of the stack's environments. */
async function readToken({ IDENTITY_ENDPOINT, IDENTITY_HEADER, ...env }: Readonly<Record<string, string>>) {
  const base =
    IDENTITY_ENDPOINT ?? `${env["AZURE_POD_IDENTITY_AUTHORITY_HOST"]}/metadata/identity/oauth2/token`;
  const query = new URLSearchParams({
    resource: "https://storage.azure.com",
    client_id: env["AZURE_CLIENT_ID"]!,
    "api-version": "2019-08-01",
  });
  const headers = { metadata: "true", "x-identity-header": IDENTITY_HEADER ?? "" };
  const answer = (await (await fetch(`${base}?${query.toString()}`, { headers })).json()) as Record<
    string,
    string
  >;
  return { token: answer["access_token"]!, expiresOnTimestamp: Date.now() + 3_600_000 };
}

const as = (env: Readonly<Record<string, string>>) =>
  new BlobServiceClient(parts.storage.endpoints.blob, { getToken: () => readToken(env) }).getContainerClient(
    "runs",
  );

test("in identity-only mode a worker cannot change what a run reports, and no key opens Storage", async () => {
  const [app, worker] = [as(parts.functionAppIdentity), as(parts.workerIdentity)];
  await app.create();
  const report = "20260101-120000-abcdef/summary.json";
  await app.getBlockBlobClient(report).uploadData(Buffer.from("true"));
  const lie = worker.getBlockBlobClient(report).uploadData(Buffer.from("false"));
  await expect(lie).rejects.toMatchObject({ code: "AuthorizationPermissionMismatch" });
  await worker.getBlockBlobClient("20260101-120000-abcdef/logs/a/b.log").uploadData(Buffer.from("done"));
  const withKey = BlobServiceClient.fromConnectionString(parts.storage.connectionString);
  await expect(withKey.getProperties()).rejects.toMatchObject({ code: "KeyBasedAuthenticationNotPermitted" });
  expect(JSON.stringify(toFunctionSettings(parts))).not.toContain(parts.storage.accountKey);
});
