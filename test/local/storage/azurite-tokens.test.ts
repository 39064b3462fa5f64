import { randomUUID } from "node:crypto";
import { TableClient } from "@azure/data-tables";
import { ClientSecretCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningIdentity, startIdentity } from "../../../local/identity/server.ts";
import { type RunningStorage, startStorage } from "../../../local/storage/azurite.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

let identity: RunningIdentity;
let storage: RunningStorage;
const clientId = randomUUID();

beforeAll(async () => {
  const tls = await createTrustedCertificates();
  const worker = {
    name: "worker",
    clientId,
    principalId: randomUUID(),
    resourceId: "/worker",
    secret: "proof",
  };
  identity = await startIdentity({ identities: [worker], tls });
  storage = await startStorage({ tls, oauth: true, accountName: "fleet" });
});
afterAll(() => Promise.all([storage.stop(), identity.stop()]));

test("identities of the stack reach blobs and tables over https without a key", async () => {
  const credential = new ClientSecretCredential(identity.tenantId, clientId, "proof", {
    authorityHost: identity.authorityHost,
    disableInstanceDiscovery: true,
  });
  expect(storage.endpoints.blob).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/fleet$/);
  const container = new BlobServiceClient(storage.endpoints.blob, credential).getContainerClient("logs");
  await container.create();
  expect(await container.exists()).toBe(true);
  const table = new TableClient(storage.endpoints.table, "runs", credential);
  await table.createTable();
  await table.createEntity({ partitionKey: "p", rowKey: "r" });
  expect(await table.getEntity("p", "r")).toMatchObject({ rowKey: "r" });
});
