import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { root } from "../../local/root.ts";
import { RunDocument } from "../../model/run-document.ts";
import { parseCfg } from "../../model/targets/parse-cfg.ts";

const read = (path: string): Promise<string> => readFile(join(root, path), "utf8");
const readJson = async (path: string): Promise<object> => JSON.parse(await read(path)) as object;

describe("the published JSON Schema of the run document", () => {
  it("takes the examples, as the product does", async () => {
    const validate = new Ajv2020({ strict: false }).compile(await readJson("docs/run.schema.json"));
    const names = await readdir(join(root, "examples", "requests"));
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) {
      const document = await readJson(`examples/requests/${name}`);
      expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
      expect(RunDocument.safeParse(document).success).toBe(true);
    }
  });

  it("takes the README's document, comments apart", async () => {
    const [, jsonc = ""] = /```jsonc\n([\s\S]*?)```/.exec(await read("README.md")) ?? [];
    const json = jsonc.replaceAll(/\/\/ .*$/gm, "").replaceAll(/,(\s*})/g, "$1");
    const document = JSON.parse(json) as unknown;
    expect(RunDocument.safeParse(document)).toMatchObject({ success: true });
    const validate = new Ajv2020({ strict: false }).compile(await readJson("docs/run.schema.json"));
    expect(validate(document)).toBe(true);
  });

  it("refuses what the product refuses", async () => {
    const validate = new Ajv2020({ strict: false }).compile(await readJson("docs/run.schema.json"));
    for (const document of [
      {},
      { package: "p" },
      { package: "p", targets: { cfg: "" }, colour: "red" },
      { package: "p", targets: { cfg: "" }, retry: { attempts: 0 } },
    ]) {
      expect(validate(document)).toBe(false);
      expect(RunDocument.safeParse(document).success).toBe(false);
    }
  });
});

describe("the example target file", () => {
  it("reads as it is", async () => {
    expect(parseCfg(await read("examples/targets.cfg"))).toMatchObject({ ok: true, value: [{}, {}, {}] });
  });
});
