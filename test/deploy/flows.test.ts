import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../local/root.ts";

interface Row {
  readonly step: string;
  /** [file, function] */
  readonly code: readonly Pair[];
  /** [file, title] */
  readonly tests: readonly Pair[];
}
type Pair = readonly [string, string];

const read = (file: string): Promise<string> => readFile(join(root, file), "utf8");
const document = await read("docs/flows.md");

function rowsOf(heading: string): readonly Row[] {
  const section = document.split(/^## /m).find((text) => text.startsWith(heading)) ?? "";
  const lines = section.split("\n").filter((line) => line.includes(".ts`"));
  return lines.map((line) => {
    const [, step = "", code = "", tests = ""] = line.split("|").map((cell) => cell.trim());
    return {
      step,
      code: toPairs(code, /`([^`]+\.ts)` `(\w+)`/g),
      tests: toPairs(tests, /`([^`]+)` "([^"]+)"/g),
    };
  });
}

const toPairs = (cell: string, pattern: RegExp): readonly Pair[] =>
  [...cell.matchAll(pattern)].map(([, file = "", name = ""]) => [file, name]);

describe("docs/flows.md", () => {
  it("has all steps of the Batch flow", () => {
    const numbers = rowsOf("Azure Batch").map(({ step }) => /^\d/.exec(step)?.[0]);
    expect([...new Set(numbers)].join("")).toBe("0123456789");
  });

  it("has the steps of the Kubernetes flow that differ, and says which do not", () => {
    const differing = rowsOf("Kubernetes").map(({ step }) => /^\d/.exec(step)?.[0] ?? "");
    const same = /^Steps (.*) are the same code/m.exec(document)?.[1]?.match(/\d/g) ?? [];
    expect(differing.length).toBeGreaterThan(3);
    expect([...new Set([...same, ...differing])].sort().join("")).toBe("0123456789");
  });

  const rows = [...rowsOf("Azure Batch"), ...rowsOf("Kubernetes")];
  it.each(rows)("names code and tests that exist: $step", async ({ code, tests }) => {
    expect(code).not.toEqual([]);
    expect(tests).not.toEqual([]);
    for (const [file, name] of code) {
      const defined = new RegExp(`(function\\*? ${name}\\b|const ${name} =|app\\.\\w+\\("${name}")`);
      expect([file, name, defined.test(await read(file))]).toEqual([file, name, true]);
    }
    for (const [file, title] of tests) {
      const isThere = (await read(file)).includes(`"${title}"`);
      expect([file, title, isThere]).toEqual([file, title, true]);
    }
  });
});
