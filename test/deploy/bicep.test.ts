import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../local/root.ts";
import { createBicepParser } from "./support/parse-bicep.ts";
import { readBicep } from "./support/read-bicep.ts";

const main = await readBicep("main.bicep");
const files = new Map(
  await Promise.all(main.modules.map(async ({ path }) => [path, await readBicep(path)] as const)),
);

describe("every file", async () => {
  const parse = await createBicepParser();

  it.each(["main.bicep", ...files.keys()])("%s has no syntax error", async (path) => {
    expect(parse((await readBicep(path)).text)).toEqual([]);
  });

  it("would be told of one", () => {
    expect(parse("param location string\nresource x 'a@b' = {\n  name: \n}\n")).not.toEqual([]);
  });
});

describe("main.bicep", () => {
  it("uses every module there is", async () => {
    const there = await readdir(join(root, "deploy", "modules"));
    expect([...files.keys()].sort()).toEqual(there.map((name) => `modules/${name}`).sort());
  });

  it.each(main.modules)("gives $path what it asks for, and nothing else", ({ path, params }) => {
    const wanted = files.get(path)?.params ?? [];
    const names = wanted.map(({ name }) => name);
    expect(params.filter((name) => !names.includes(name))).toEqual([]);
    const required = wanted.filter(({ isRequired }) => isRequired).map(({ name }) => name);
    expect(required.filter((name) => !params.includes(name))).toEqual([]);
  });

  it("reads outputs that exist", () => {
    const read = [...main.text.matchAll(/(\w+)!?\.outputs\.(\w+)/g)].map(([, module, name]) => [
      module,
      name,
    ]);
    const given = main.modules.flatMap(({ name, path }) =>
      (files.get(path)?.outputs ?? []).map((output) => [name, output]),
    );
    expect(read.length).toBeGreaterThan(20);
    for (const pair of read) expect(given).toContainEqual(pair);
  });

  it("reads a conditional module's outputs only under its condition", () => {
    for (const { name, condition } of main.modules.filter((each) => each.condition !== undefined)) {
      const readers = main.text.split("\n\n").filter((text) => text.includes(`${name}!.outputs`));
      for (const reader of readers) expect(reader).toContain(condition);
      expect(main.text).not.toContain(`${name}.outputs`);
    }
  });

  it("has an answer to every variable the hooks read", async () => {
    const folder = join(root, "deploy", "hooks");
    const scripts = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
    );
    const read = scripts.flatMap((text) =>
      [...text.matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map(([, name]) => name),
    );
    const own = ["KUBECONFIG"];
    for (const name of read.filter((each) => !own.includes(each ?? ""))) expect(main.outputs).toContain(name);
  });
});

describe("main.parameters.json", () => {
  it("names parameters of main.bicep, and gives those that must be given", async () => {
    const text = await readFile(join(root, "deploy", "main.parameters.json"), "utf8");
    const given = Object.keys((JSON.parse(text) as { parameters: object }).parameters);
    const names = main.params.map(({ name }) => name);
    expect(given.filter((name) => !names.includes(name))).toEqual([]);
    expect(main.params.filter(({ name, isRequired }) => isRequired && !given.includes(name))).toEqual([]);
  });
});

describe("all of the Bicep", () => {
  it("names each resource type with one version", () => {
    const texts = [main.text, ...[...files.values()].map(({ text }) => text)];
    const types = texts.flatMap((text) => [...text.matchAll(/'(Microsoft\.[\w./]+)@([\w-]+)'/g)]);
    const versions = new Map<string, Set<string>>();
    for (const [, type = "", version = ""] of types) {
      versions.set(type, (versions.get(type) ?? new Set()).add(version));
    }
    expect(versions.size).toBeGreaterThan(15);
    for (const [type, found] of versions) expect([type, ...found]).toHaveLength(2);
  });

  it("gives no secret as an output", () => {
    for (const { text } of files.values()) {
      for (const [line] of text.matchAll(/^output .*$/gm))
        expect(line).not.toMatch(/listKeys|Key\b|password/i);
    }
  });
});
