import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Files } from "../../../services/services.ts";

export interface MemoryFiles extends Files {
  /** By `container/path`. */
  readonly contents: Map<string, Buffer>;
  textOf(container: string, path: string): string | undefined;
}

/** The Files port in memory, for tests of what is written rather than of how. */
export function createMemoryFiles(): MemoryFiles {
  const contents = new Map<string, Buffer>();
  const etags = new Map<string, string>();
  let writes = 0;
  const put = (container: string, path: string, content: Buffer): void => {
    contents.set(`${container}/${path}`, content);
    etags.set(`${container}/${path}`, String((writes += 1)));
  };
  const get = (container: string, path: string) => contents.get(`${container}/${path}`);
  return {
    contents,
    textOf: (container, path) => get(container, path)?.toString("utf8"),
    read: (container, path) => Promise.resolve(get(container, path)),
    open: (container, path) => {
      const content = get(container, path);
      return Promise.resolve(
        content && { bytes: content.length, contentType: "text/plain", content: Readable.from([content]) },
      );
    },
    readChanged: (container, path, etag) => {
      const content = get(container, path);
      const current = etags.get(`${container}/${path}`) ?? "";
      if (!content) return Promise.resolve(undefined);
      return Promise.resolve(current === etag ? "unchanged" : { content, etag: current });
    },
    write: (container, path, content) => {
      put(container, path, Buffer.from(content));
      return Promise.resolve();
    },
    writeOver: (container, path, content, etag) => {
      const isExpected = etags.get(`${container}/${path}`) === etag;
      if (isExpected) put(container, path, Buffer.from(content));
      return Promise.resolve(isExpected);
    },
    writeStream: async (container, path, content) => {
      put(container, path, await buffer(content));
    },
    list: (container, prefix) => {
      const paths = [...contents.keys()].filter((key) => key.startsWith(`${container}/${prefix}`));
      const files = paths.map((key) => ({
        path: key.slice(container.length + 1),
        bytes: contents.get(key)!.length,
        updatedAt: new Date(0).toISOString(),
      }));
      return Promise.resolve({ files });
    },
  };
}
