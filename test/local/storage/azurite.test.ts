import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TableClient, type TransactionAction } from "@azure/data-tables";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningStorage, startStorage } from "../../../local/storage/azurite.ts";

const table = (storage: RunningStorage, name: string) =>
  TableClient.fromConnectionString(storage.connectionString, name, { allowInsecureConnection: true });

describe("storage", () => {
  let storage: RunningStorage;
  beforeAll(async () => {
    storage = await startStorage();
  });
  afterAll(() => storage.stop());

  test("blobs are written and read with the account's own key", async () => {
    const container = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient(
      "logs",
    );
    await container.create();
    await container.getBlockBlobClient("a/b.txt").upload("hello", 5);
    expect((await container.getBlobClient("a/b.txt").downloadToBuffer()).toString()).toBe("hello");
  });

  test("a transaction guarded by an ETag writes all rows or none", async () => {
    const client = table(storage, "guarded");
    await client.createTable();
    await client.createEntity({ partitionKey: "p", rowKey: "summary", count: 0 });
    const seen = await client.getEntity("p", "summary");
    const write = (row: string, etag: string): TransactionAction[] => [
      ["update", { partitionKey: "p", rowKey: "summary", count: 1 }, "Replace", { etag }],
      ["upsert", { partitionKey: "p", rowKey: row, state: "committed" }, "Replace"],
    ];
    await client.submitTransaction(write("first", seen.etag));
    await expect(client.submitTransaction(write("second", seen.etag))).rejects.toMatchObject({
      statusCode: 412,
    });
    await expect(client.getEntity("p", "second")).rejects.toMatchObject({ statusCode: 404 });
    expect(await client.getEntity("p", "first")).toMatchObject({ state: "committed" });
  });

  test("concurrent guarded increments lose nothing", async () => {
    const client = table(storage, "counted");
    await client.createTable();
    await client.createEntity({ partitionKey: "p", rowKey: "summary", count: 0 });
    const look = () => client.getEntity<{ count: number }>("p", "summary");
    // All of them saw the same, so all but one are too late at first.
    const seen = await look();
    let conflicts = 0;
    const increment = async (row: string, { etag, count } = seen): Promise<void> => {
      const summary = { partitionKey: "p", rowKey: "summary", count: count + 1 };
      try {
        await client.submitTransaction([
          ["update", summary, "Replace", { etag }],
          ["create", { partitionKey: "p", rowKey: row }],
        ]);
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode !== 412) throw error;
        conflicts += 1;
        return increment(row, await look());
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, index) => increment(`row-${index}`)));
    const rows: unknown[] = [];
    for await (const row of client.listEntities()) rows.push(row);
    expect(await client.getEntity("p", "summary")).toMatchObject({ count: 12 });
    expect(rows).toHaveLength(13);
    expect(conflicts).toBeGreaterThanOrEqual(11);
  });

  test("a transaction of 100 operations fits", async () => {
    const client = table(storage, "large");
    await client.createTable();
    const rows = Array.from({ length: 100 }, (_, index): TransactionAction => [
      "upsert",
      { partitionKey: "p", rowKey: `row-${index}`, state: "queued", text: "x".repeat(200) },
      "Replace",
    ]);
    const { subResponses } = await client.submitTransaction(rows);
    expect(subResponses).toHaveLength(100);
  });
});

test("what was written is there after a restart in the same folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "storage-"));
  const first = await startStorage({ folder });
  await table(first, "kept").createTable();
  await table(first, "kept").createEntity({ partitionKey: "p", rowKey: "r" });
  await first.stop();
  const second = await startStorage({ folder, accountKey: first.accountKey });
  expect(await table(second, "kept").getEntity("p", "r")).toMatchObject({ rowKey: "r" });
  await second.stop();
  await rm(folder, { recursive: true });
});
