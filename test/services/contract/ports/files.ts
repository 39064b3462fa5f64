import { createHash } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import type { Files } from "../../../../services/services.ts";

/** What is expected of every store of files. The container's name must be free. */
export function describeFiles(name: string, open: () => Files): void {
  describe(`Files: ${name}`, () => {
    const container = "contract";
    let files: Files;
    beforeAll(() => {
      files = open();
    });

    const readText = async (path: string): Promise<string | undefined> => {
      const content = await files.read(container, path);
      return content && Buffer.from(content).toString("utf8");
    };

    test("what is not there is undefined, also before the container is", async () => {
      expect(await files.read("nowhere", "a")).toBeUndefined();
      expect(await files.open("nowhere", "a")).toBeUndefined();
      expect(await files.readChanged("nowhere", "a", undefined)).toBeUndefined();
      expect(await files.list("nowhere", "")).toEqual({ files: [] });
      await files.write(container, "there", "");
      expect(await files.read(container, "not-there")).toBeUndefined();
      expect(await files.readChanged(container, "not-there", '"0x1"')).toBeUndefined();
    });

    test("text and bytes come back as they were written; a second write replaces the first", async () => {
      await files.write(container, "write/text.json", "größer ✓");
      expect(await readText("write/text.json")).toBe("größer ✓");
      await files.write(container, "write/text.json", "small");
      expect(await readText("write/text.json")).toBe("small");
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await files.write(container, "write/bytes", bytes, "application/octet-stream");
      expect(new Uint8Array((await files.read(container, "write/bytes"))!)).toEqual(bytes);
    });

    test("a guarded write meets the version it expects, or does not happen", async () => {
      const write = (text: string, etag?: string) => files.writeOver(container, "guarded.json", text, etag);
      expect(await write("first")).toBe(true);
      expect(await write("second")).toBe(false);
      const found = await files.readChanged(container, "guarded.json", undefined);
      const { etag } = found as { etag: string };
      expect(await write("second", etag)).toBe(true);
      expect(await write("third", etag)).toBe(false);
      expect(await readText("guarded.json")).toBe("second");
    });

    test("an empty file is a file", async () => {
      await files.write(container, "empty/text", "");
      await files.writeStream(container, "empty/stream", Readable.from(["", ""]));
      expect(await readText("empty/text")).toBe("");
      expect(await readText("empty/stream")).toBe("");
    });

    test("names that a server and a database bring along", async () => {
      const path = "names/tcp%3ahost,1433/Größe 100% [x] (#1)?.log";
      await files.write(container, path, "content");
      expect(await readText(path)).toBe("content");
      expect((await files.list(container, "names/")).files.map((file) => file.path)).toEqual([path]);
    });

    test("a path cannot lead out of its folder or its container", async () => {
      await files.write(container, "inside/secret.json", "content");
      await files.write("contract-other", "a.json", "content");
      for (const path of ["elsewhere/../inside/secret.json", "../contract-other/a.json", ".."]) {
        expect(await files.read(container, path)).toBeUndefined();
        expect(await files.open(container, path)).toBeUndefined();
        expect(await files.readChanged(container, path, undefined)).toBeUndefined();
        const refused = { code: "UnknownFile" };
        await expect(files.write(container, path, "x")).rejects.toMatchObject(refused);
        await expect(files.writeStream(container, path, Readable.from(["x"]))).rejects.toMatchObject(refused);
      }
    });

    test("a large file is written and read as a stream", async () => {
      const line = `${"0123456789".repeat(100)}\n`;
      const hash = createHash("sha256");
      async function* toLines(): AsyncGenerator<string> {
        for (let count = 0; count < 10_000; count += 1) {
          hash.update(line);
          yield await Promise.resolve(line);
        }
      }
      await files.writeStream(container, "stream/large.log", Readable.from(toLines()));
      const opened = (await files.open(container, "stream/large.log"))!;
      expect(opened).toMatchObject({ bytes: 10_000 * line.length, contentType: "text/plain; charset=utf-8" });
      const read = createHash("sha256");
      for await (const chunk of opened.content) read.update(chunk as Uint8Array);
      expect(read.digest("hex")).toBe(hash.digest("hex"));
      await files.writeStream(container, "stream/large.log", Readable.from(["short"]), "text/csv");
      expect(await readText("stream/large.log")).toBe("short");
      const replaced = (await files.open(container, "stream/large.log"))!;
      expect(replaced.contentType).toBe("text/csv");
      replaced.content.destroy();
    });

    test("a source that breaks leaves what was there", async () => {
      await files.write(container, "stream/kept", "before");
      async function* toBreak(): AsyncGenerator<string> {
        yield await Promise.resolve("x".repeat(1_000));
        throw new Error("the source broke");
      }
      await expect(
        files.writeStream(container, "stream/kept", Readable.from(toBreak())),
      ).rejects.toMatchObject({ code: "ServiceUnavailable" });
      expect(await readText("stream/kept")).toBe("before");
    });

    test("a source that broke, or was given up, before it was read is not waited for", async () => {
      const [broken, givenUp] = [new PassThrough(), new PassThrough()];
      const writes = [broken, givenUp].map((source) => files.writeStream(container, "stream/none", source));
      broken.destroy(new Error("the source broke"));
      givenUp.destroy();
      for (const write of writes) await expect(write).rejects.toMatchObject({ code: "ServiceUnavailable" });
      const midway = new PassThrough();
      const write = files.writeStream(container, "stream/none", midway);
      midway.write("x".repeat(1_000));
      setImmediate(() => midway.destroy());
      await expect(write).rejects.toMatchObject({ code: "ServiceUnavailable" });
      expect(await files.read(container, "stream/none")).toBeUndefined();
    });

    test("a file is read again only when it changed", async () => {
      const look = (etag?: string) => files.readChanged(container, "changed.json", etag);
      await files.write(container, "changed.json", "one");
      const first = await look();
      if (typeof first !== "object") throw new Error("It was not read.");
      expect(Buffer.from(first.content).toString()).toBe("one");
      expect(await look(first.etag)).toBe("unchanged");
      await files.write(container, "changed.json", "two");
      const second = await look(first.etag);
      if (typeof second !== "object") throw new Error("It was not read again.");
      expect(Buffer.from(second.content).toString()).toBe("two");
      expect(await look(second.etag)).toBe("unchanged");
    });

    test("lists are in order, under a prefix, and come in pages", async () => {
      const paths = Array.from({ length: 7 }, (_, index) => `list/${index}.txt`);
      await Promise.all([...paths].reverse().map((path) => files.write(container, path, path)));
      await files.write(container, "listed-elsewhere", "");
      const seen: string[] = [];
      let [cursor, pages]: [string | undefined, number] = [undefined, 0];
      do {
        const page = await files.list(container, "list/", { cursor, size: 3 });
        seen.push(...page.files.map(({ path }) => path));
        cursor = page.cursor;
        pages += 1;
      } while (cursor);
      expect(seen).toEqual(paths);
      expect(pages).toBe(3);
      const all = await files.list(container, "list/");
      expect(all).not.toHaveProperty("cursor");
      expect(all.files[0]).toMatchObject({ path: "list/0.txt", bytes: 10 });
      expect(Date.parse(all.files[0]!.updatedAt)).toBeGreaterThan(Date.now() - 60_000);
      expect(await files.list(container, "list/none")).toEqual({ files: [] });
    });
  });
}
