import { Readable } from "node:stream";
import { RestError, type BlockBlobClient, type ContainerClient } from "@azure/storage-blob";
import { Failure } from "../../model/failures.ts";
import type { Access, StorageAddress } from "../access.ts";
import { guard } from "../guard.ts";
import type { Files, ListedFile } from "../services.ts";
import { openService, patience } from "./open-service.ts";
import { unlessStalled } from "./unless-stalled.ts";

const pageSize = 1_000;
const blockBytes = 4 * 1024 * 1024;

/** Files in Azure Blob Storage. */
export function createFiles(access: Access, address: StorageAddress): Files {
  const service = openService(access, address);
  const container = async (name: string): Promise<ContainerClient> =>
    (await service()).getContainerClient(name);

  return guard<Files>("Blob storage", {
    read: async (name, path) => (await readNow(await container(name), path))?.content,
    open: async (name, path) =>
      unlessMissing(async () => {
        const blob = await toBlob(await container(name), path).download();
        return {
          bytes: blob.contentLength ?? 0,
          contentType: blob.contentType ?? "application/octet-stream",
          content: Readable.from(unlessStalled(blob.readableStreamBody as Readable, patience)),
        };
      }),
    readChanged: async (name, path, etag) => {
      try {
        return await readNow(await container(name), path, etag);
      } catch (error) {
        if (statusOf(error) === 304) return "unchanged";
        throw error;
      }
    },
    write: async (name, path, content, contentType = "application/json") => {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      const options = {
        blobHTTPHeaders: { blobContentType: contentType },
        // Block by block, so that no request takes long.
        ...{ maxSingleShotSize: blockBytes, blockSize: blockBytes },
      };
      await withContainer(await container(name), (client) => toBlob(client, path).uploadData(bytes, options));
    },
    writeOver: async (name, path, content, etag) => writeGuarded(await container(name), path, content, etag),
    writeStream: async (name, path, content, contentType = "text/plain; charset=utf-8") => {
      // It may break before it is read, and an error nobody listens to ends the process.
      content.on("error", () => undefined);
      const client = await container(name);
      const blob = toBlob(client, path);
      // A stream can be read once only, so the container cannot be made on second thoughts.
      await client.createIfNotExists();
      // The SDK waits for ever for a stream that broke before, or was destroyed; its items end with an error.
      await blob.uploadStream(Readable.from(content), blockBytes, 2, {
        blobHTTPHeaders: { blobContentType: contentType },
      });
    },
    list: async (name, prefix, page = {}) => listPage(await container(name), prefix, page),
  });
}

/**
 * Names come from callers, and `..` in a URL leads to the folder above: out of the run, even out of the container.
 * @throws Failure UnknownFile
 */
function toBlob(client: ContainerClient, path: string): BlockBlobClient {
  if (!path.split("/").includes("..")) return client.getBlockBlobClient(path);
  throw new Failure("UnknownFile", `'${path}' is no file's path.`);
}

/** In one call, unless the connection is lost on the way: then the rest is asked for again. */
async function readNow(
  client: ContainerClient,
  path: string,
  unlessEtag?: string,
): Promise<{ readonly content: Uint8Array; readonly etag: string } | undefined> {
  return unlessMissing(async () => {
    const answer = await toBlob(client, path).download(0, undefined, {
      maxRetryRequests: 3,
      ...(unlessEtag && { conditions: { ifNoneMatch: unlessEtag } }),
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of unlessStalled(answer.readableStreamBody as Readable, patience)) {
      chunks.push(chunk);
    }
    return { content: Buffer.concat(chunks), etag: answer.etag ?? "" };
  });
}

/** 409: there is one already; 412: it is another version. */
async function writeGuarded(
  container: ContainerClient,
  path: string,
  content: string,
  etag: string | undefined,
): Promise<boolean> {
  const options = {
    blobHTTPHeaders: { blobContentType: "application/json" },
    conditions: etag === undefined ? { ifNoneMatch: "*" } : { ifMatch: etag },
  };
  try {
    await withContainer(container, (client) =>
      toBlob(client, path).uploadData(Buffer.from(content), options),
    );
    return true;
  } catch (error) {
    if (statusOf(error) === 409 || statusOf(error) === 412) return false;
    throw error;
  }
}

async function listPage(
  client: ContainerClient,
  prefix: string,
  { cursor, size = pageSize }: { readonly cursor?: string | undefined; readonly size?: number },
): Promise<{ files: ListedFile[]; cursor?: string }> {
  const pages = client
    .listBlobsFlat({ prefix })
    .byPage({ maxPageSize: size, ...(cursor && { continuationToken: cursor }) });
  const page = await unlessMissing(() => first(pages)).catch((error: unknown) => {
    throw cursor && statusOf(error) === 400 ? toInvalidCursor(error) : error;
  });
  const files = (page?.segment.blobItems ?? []).map((item) => ({
    path: item.name,
    bytes: item.properties.contentLength ?? 0,
    updatedAt: item.properties.lastModified.toISOString(),
  }));
  const next = page?.continuationToken;
  return next ? { files, cursor: next } : { files };
}

function toInvalidCursor(error: unknown): Failure {
  return new Failure("InvalidCursor", "The cursor is not one of this list's.", { cause: error });
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}

/** Makes the container only when it turned out to be missing: not one call more for every write. */
async function withContainer<T>(
  client: ContainerClient,
  act: (client: ContainerClient) => Promise<T>,
): Promise<T> {
  try {
    return await act(client);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    await client.createIfNotExists();
    return act(client);
  }
}

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (statusOf(error) === 404 || isUnknownFile(error)) return undefined;
    throw error;
  }
}

function isUnknownFile(error: unknown): boolean {
  return error instanceof Failure && error.code === "UnknownFile";
}

function statusOf(error: unknown): number | undefined {
  return error instanceof RestError ? error.statusCode : undefined;
}
