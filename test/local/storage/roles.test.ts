import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { TableClient, TableServiceClient } from "@azure/data-tables";
import {
  BlobSASPermissions,
  BlobServiceClient,
  generateBlobSASQueryParameters,
  type ContainerClient,
  RestError,
} from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RoleStandIns, startRoleStandIns, type Who } from "./role-stand-ins.ts";

const run = "20260101-120000-abcdef";
let stack: RoleStandIns;

beforeAll(async () => {
  stack = await startRoleStandIns(false);
  const containers = { packages: ["0f/content.json", "0f/upload", "names/release.json"] };
  const files = {
    ...containers,
    state: [`${run}/plan.json`, `${run}/control.json`, `${run}/targets/00.json`],
    runs: [`${run}/summary.json`, `${run}/commits.log`],
    "azure-webjobs-secrets": ["host.json"],
  };
  for (const [name, paths] of Object.entries(files)) {
    const client = container("functionApp", name);
    await client.create();
    for (const path of paths) await upload(client, path);
  }
  await tables("functionApp").createTable("runs");
});
afterAll(() => stack.stop());

const blobs = (who: Who) =>
  new BlobServiceClient(stack.storage.endpoints.blob, stack.as(who), { retryOptions: { maxTries: 1 } });
const container = (who: Who, name: string) => blobs(who).getContainerClient(name);
const tables = (who: Who) => new TableServiceClient(stack.storage.endpoints.table, stack.as(who));
const upload = (client: ContainerClient, path: string) =>
  client.getBlockBlobClient(path).uploadData(Buffer.from(path));
const read = async (client: ContainerClient, path: string) =>
  text((await client.getBlobClient(path).download()).readableStreamBody!);
const refused = { statusCode: 403, code: "AuthorizationPermissionMismatch" };
async function listed(client: ContainerClient, prefix?: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { name } of client.listBlobsFlat(prefix === undefined ? {} : { prefix })) paths.push(name);
  return paths;
}

describe("a worker", () => {
  test.each([
    ["packages", "0f/content.json"],
    ["state", `${run}/plan.json`],
    ["state", `${run}/control.json`],
  ])("reads %s/%s", async (name, path) => {
    expect(await read(container("worker", name), path)).toBe(path);
  });

  test.each([
    ["packages", "0f/upload"],
    ["packages", "names/release.json"],
    ["state", `${run}/targets/00.json`],
    ["runs", `${run}/summary.json`],
    ["azure-webjobs-secrets", "host.json"],
    ["nowhere", "at/all"],
  ])("does not read %s/%s", async (name, path) => {
    await expect(read(container("worker", name), path)).rejects.toMatchObject(refused);
    // The answer to HEAD has no body, and so no code for the client.
    await expect(container("worker", name).getBlobClient(path).exists()).rejects.toMatchObject({
      statusCode: 403,
    });
  });

  test.each([
    ["state", `${run}/results/00/000001.json`],
    ["runs", `${run}/logs/server/database.log`],
  ])("writes, reads and replaces %s/%s", async (name, path) => {
    const client = container("worker", name);
    await client.createIfNotExists();
    await upload(client, path);
    await client.getBlockBlobClient(path).uploadStream(Readable.from([path, path]), 4_096, 2);
    expect(await read(client, path)).toBe(`${path}${path}`);
    expect(await read(container("functionApp", name), path)).toBe(`${path}${path}`);
  });

  test.each([
    ["packages", "0f/content.json"],
    ["packages", "1f/content.json"],
    ["state", `${run}/plan.json`],
    ["state", `${run}/control.json`],
    ["state", "20270101-120000-abcdef/targets/00.json"],
    ["runs", `${run}/summary.json`],
    ["runs", `${run}/commits.log`],
    ["runs", `${run}/success.cfg`],
    ["azure-webjobs-secrets", "host.json"],
  ])("does not change %s/%s", async (name, path) => {
    const client = container("worker", name);
    await expect(upload(client, path)).rejects.toMatchObject(refused);
    await expect(client.deleteBlob(path)).rejects.toMatchObject(refused);
    await expect(client.getBlobClient(path).setMetadata({ mine: "1" })).rejects.toMatchObject(refused);
    const staged = client.getBlockBlobClient(path).stageBlock("MDAwMQ==", "text", 4);
    await expect(staged).rejects.toMatchObject(refused);
  });

  test("does not get at a file by a detour over one of its own", async () => {
    const detour = `${stack.storage.endpoints.blob}/runs/${run}/logs/%2e%2e/summary.json`;
    const { token } = (await stack.as("worker").getToken("https://storage.azure.com/.default"))!;
    const answer = await fetch(detour, {
      headers: { authorization: `Bearer ${token}`, "x-ms-version": "2025-01-05" },
    });
    expect(answer.status).toBe(403);
    const source = container("worker", "runs").getBlobClient(`${run}/summary.json`).url;
    const copy = container("worker", "runs").getBlobClient(`${run}/logs/copy.txt`).beginCopyFromURL(source);
    await expect(copy).rejects.toMatchObject(refused);
  });

  test("finds nothing it was not told of", async () => {
    for (const name of ["packages", "state", "runs"]) {
      await expect(listed(container("worker", name))).rejects.toMatchObject(refused);
      await expect(listed(container("worker", name), `${run}/logs/`)).rejects.toMatchObject(refused);
    }
    await expect(blobs("worker").listContainers().next()).rejects.toMatchObject(refused);
  });

  test("makes no containers, no signatures for others, and touches no table", async () => {
    await expect(container("worker", "mine").create()).rejects.toMatchObject(refused);
    await expect(container("worker", "packages").delete()).rejects.toMatchObject(refused);
    const key = blobs("worker").getUserDelegationKey(new Date(), new Date(Date.now() + 60_000));
    await expect(key).rejects.toMatchObject(refused);
    const table = new TableClient(stack.storage.endpoints.table, "runs", stack.as("worker"));
    await expect(table.getEntity("p", "r")).rejects.toMatchObject({
      statusCode: 403,
      details: { odataError: { code: "AuthorizationPermissionMismatch" } },
    });
    await expect(table.createEntity({ partitionKey: "p", rowKey: "r" })).rejects.toMatchObject({
      statusCode: 403,
    });
    await expect(tables("worker").listTables().next()).rejects.toMatchObject({ statusCode: 403 });
  });
});

describe("the Function App", () => {
  test("reads, lists and writes what a run leaves, in blobs and tables", async () => {
    const client = container("functionApp", "runs");
    expect(await listed(client, `${run}/`)).toContain(`${run}/summary.json`);
    await upload(client, `${run}/errors.log`);
    const table = new TableClient(stack.storage.endpoints.table, "runs", stack.as("functionApp"));
    await table.submitTransaction([
      ["create", { partitionKey: "p", rowKey: "1" }],
      ["upsert", { partitionKey: "p", rowKey: "2" }, "Replace"],
    ]);
    expect(await table.getEntity("p", "2")).toMatchObject({ rowKey: "2" });
    await table.deleteEntity("p", "1");
  });

  test("moves large files through in pieces", async () => {
    const bytes = Buffer.alloc(9 * 1024 * 1024, "sqlfleet");
    const blob = container("functionApp", "runs").getBlockBlobClient(`${run}/logs/large.log`);
    await blob.uploadStream(Readable.from([bytes]), 2 * 1024 * 1024, 2);
    expect((await blob.downloadToBuffer()).equals(bytes)).toBe(true);
  });
});

describe("others", () => {
  test("an identity without a role gets nothing", async () => {
    await expect(listed(container("stranger", "runs"))).rejects.toMatchObject(refused);
    await expect(upload(container("stranger", "runs"), `${run}/logs/a.log`)).rejects.toMatchObject(refused);
  });

  test("a token that somebody else signed is none", async () => {
    const client = new BlobServiceClient(stack.storage.endpoints.blob, stack.forged);
    const error = await client
      .getProperties()
      .then(() => undefined)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RestError);
    expect(error).toMatchObject({ statusCode: 401, code: "InvalidAuthenticationInfo" });
    const challenge = (error as RestError).response?.headers.get("www-authenticate");
    expect(challenge).toMatch(
      /^Bearer authorization_uri=https:\/\/localhost:\d+\/[\w-]+\/oauth2\/authorize /,
    );
    expect(challenge).toContain("resource_id=https://storage.azure.com");
  });

  test("who brings nothing is told to", async () => {
    const answer = await fetch(`${stack.storage.endpoints.blob}/runs/${run}/summary.json`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("x-ms-error-code")).toBe("NoAuthenticationInformation");
  });

  test("a refusal reads as the service's", async () => {
    const { token } = (await stack.as("worker").getToken("https://storage.azure.com/.default"))!;
    const headers = {
      authorization: `Bearer ${token}`,
      "x-ms-version": "2025-01-05",
      "x-ms-client-request-id": "mine",
    };
    const { queue, table } = stack.storage.endpoints;
    const xml = await fetch(`${queue}?comp=list`, { headers });
    const body = await xml.text();
    expect(xml.headers.get("x-ms-client-request-id")).toBe("mine");
    const id = xml.headers.get("x-ms-request-id");
    expect(body).toMatch(/^<\?xml version="1.0" encoding="utf-8"\?><Error><Code>Authorization/);
    expect(body).toContain(`operation using this permission.\nRequestId:${id}\nTime:20`);
    const json = await fetch(`${table}/Tables`, { headers });
    expect(json.headers.get("x-ms-error-code")).toBe("AuthorizationPermissionMismatch");
    expect(await json.json()).toMatchObject({
      "odata.error": { code: "AuthorizationPermissionMismatch", message: { lang: "en-US" } },
    });
  });

  test("a path that cannot be read is refused, not an accident", async () => {
    const { token } = (await stack.as("worker").getToken("https://storage.azure.com/.default"))!;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${stack.storage.endpoints.blob}/runs/%ff%zz`, { headers });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("x-ms-error-code")).toBe("InvalidUri");
  });
});

describe("the account's keys", () => {
  const service = (connectionString: string) => BlobServiceClient.fromConnectionString(connectionString);

  test("open nothing where no keys are allowed", async () => {
    const client = service(stack.storage.connectionString).getContainerClient("runs");
    const refusal = { statusCode: 403, code: "KeyBasedAuthenticationNotPermitted" };
    await expect(listed(client)).rejects.toMatchObject(refusal);
    const url = await client
      .getBlobClient(`${run}/summary.json`)
      .generateSasUrl({ permissions: BlobSASPermissions.parse("r"), expiresOn: soon() });
    const answer = await fetch(url);
    expect(answer.headers.get("x-ms-error-code")).toBe(refusal.code);
    // The stack's owner still looks inside.
    expect(await listed(service(stack.storage.innerConnectionString).getContainerClient("runs"))).toContain(
      `${run}/summary.json`,
    );
  });

  test("do not matter to what an identity signs", async () => {
    const key = await blobs("functionApp").getUserDelegationKey(new Date(Date.now() - 60_000), soon());
    const blobName = `${run}/summary.json`;
    const permissions = BlobSASPermissions.parse("r");
    const query = generateBlobSASQueryParameters(
      // Of newer versions Azurite understands less than the client does.
      { containerName: "runs", blobName, permissions, expiresOn: soon(), version: "2024-11-04" },
      key,
      stack.storage.accountName,
    );
    const answer = await fetch(`${stack.storage.endpoints.blob}/runs/${blobName}?${query.toString()}`);
    expect(await answer.text()).toBe(blobName);
  });

  test("open everything where they are allowed: roles are for identities", async () => {
    const other = await startRoleStandIns(true);
    try {
      const client = service(other.storage.connectionString).getContainerClient("anything");
      await client.create();
      await upload(client, "a b/ü+&.txt");
      expect(await listed(client)).toEqual(["a b/ü+&.txt"]);
    } finally {
      await other.stop();
    }
  });
});

const soon = () => new Date(Date.now() + 300_000);
