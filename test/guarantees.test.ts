import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

/** `[a test's title](../test/its.test.ts)`, as docs/guarantees.md names its proofs. */
const proof = /\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g;

const project = new URL("../", import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, project), "utf8");

it("docs/guarantees.md names tests that exist", async () => {
  const proofs = [...(await read("docs/guarantees.md")).matchAll(proof)].map(([, title = "", file = ""]) => ({
    title,
    file,
  }));
  expect(proofs.length).toBeGreaterThan(40);
  const missing: string[] = [];
  for (const { title, file } of proofs) {
    const source = await read(file).catch(() => "");
    if (!source.includes(`"${title}"`)) missing.push(`${file}: ${title}`);
  }
  expect(missing).toEqual([]);
});

it("docs/guarantees.md has a proof in every row", async () => {
  const rows = (await read("docs/guarantees.md")).split("\n").filter((line) => line.startsWith("| "));
  const claims = rows.filter((row) => !/^\| (?:what could break it|-)/.test(row));
  expect(claims.length).toBeGreaterThan(30);
  expect(claims.filter((row) => row.search(proof) === -1)).toEqual([]);
});
