import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { FailureCode } from "../../../model/failures.ts";
import type { PackageManifest } from "../../../model/package/manifest.ts";
import { toScriptId } from "../../../model/package/loose-script.ts";
import { readPackage } from "../../../services/package-reader/read-package.ts";
import { makeProject, makeScript, makeZip, scriptId } from "./make-zip.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

async function read(files: Readonly<Record<string, string>>): Promise<PackageManifest> {
  const result = await readPackage(await makeZip(files));
  if (!result.ok) throw new Error(JSON.stringify(result.failures));
  return result.value.manifest;
}

describe("a zip with package.yaml", () => {
  it("runs what is listed, in its order, with what sbm's XML could say of each script", async () => {
    const manifest = await read({
      "package.yaml": `
        scripts:
          - file: b.sql
            scriptId: ${scriptId(7).toUpperCase()}
            database: client
            description: the first
            tag: t
            rollBackOnError: false
            causesBuildFailure: false
            stripTransactionText: true
            kind: on-change
            timeoutSeconds: 0
          - file: always/a.sql
          - file: ./c.sql`,
      "always/a.sql": "SELECT 1",
      "b.sql": "SELECT 2",
      "c.sql": "SELECT 3",
      "readme.md": "",
    });
    expect(manifest.format).toBe("zip");
    expect(manifest.scripts).toMatchObject([
      {
        order: 1,
        fileName: "b.sql",
        scriptId: scriptId(7),
        database: "client",
        description: "the first",
        tag: "t",
        rollBackOnError: false,
        causesBuildFailure: false,
        stripTransactionText: true,
        kind: "on-change",
        timeoutSeconds: 0,
      },
      { fileName: "always/a.sql", scriptId: toScriptId("always/a.sql"), kind: "always", timeoutSeconds: 500 },
      { fileName: "c.sql", kind: "run-once", database: "", rollBackOnError: true, causesBuildFailure: true },
    ]);
  });

  it("fills in its defaults, which a script may overrule", async () => {
    const { scripts } = await read({
      "package.yml": `
        version: 1
        defaults: { kind: always, tag: all, causesBuildFailure: false }
        scripts: [{ file: a.sql }, { file: on-change/b.sql, tag: own, kind: run-once }]`,
      "a.sql": "SELECT 1",
      "on-change/b.sql": "SELECT 2",
    });
    expect(scripts).toMatchObject([
      { kind: "always", tag: "all", causesBuildFailure: false },
      { kind: "run-once", tag: "own", causesBuildFailure: false },
    ]);
  });

  it("names files from its own folder on, so the folder that was packed does not matter", async () => {
    const yaml = "scripts: [{ file: a.sql }]";
    const flat = await read({ "package.yaml": yaml, "a.sql": "SELECT 1" });
    const nested = await read({ "release/package.yaml": yaml, "release/a.sql": "SELECT 1" });
    expect(nested).toEqual(flat);
  });

  it("may be JSON, and goes before any XML but sbm's project", async () => {
    const manifest = await read({
      "package.yaml": '{"scripts":[{"file":"a.sql"}]}',
      "a.sql": "SELECT 1",
      "settings.xml": "<settings/>",
    });
    expect(manifest.scripts).toHaveLength(1);
  });

  it.each<[what: string, yaml: string, code: FailureCode, message: RegExp]>([
    ["no YAML", "scripts: [", "ManifestInvalid", /'package\.yaml' line 1: /],
    ["nothing", "", "ManifestInvalid", /line 1: .*expected object/],
    ["no scripts", "scripts: []", "ManifestInvalid", /line 1: scripts: /],
    ["a field nobody knows", "scripts:\n- file: a.sql\n  databse: x", "ManifestInvalid", /line 2: .*databse/],
    ["a wrong kind", "scripts:\n- file: a.sql\n  kind: once", "ManifestInvalid", /line 3: scripts\.0\.kind/],
    ["no flag", "scripts:\n- file: a.sql\n  rollBackOnError: yes", "ManifestInvalid", /line 3: .*boolean/],
    [
      "a key twice",
      "scripts:\n- file: a.sql\n  file: a.sql",
      "ManifestInvalid",
      /line 3: 'file' is said twice/,
    ],
    ["an alias", "scripts:\n- &x { file: a.sql }\n- *x", "ManifestInvalid", /aliases/],
    ["a file twice", "scripts: [{ file: a.sql }, { file: ./a.sql }]", "ManifestInvalid", /listed twice/],
    ["a missing file", "scripts: [{ file: a.sql }, { file: b.sql }]", "ScriptMissing", /'b\.sql'/],
    ["not all files", "scripts: [{ file: x.sql }]", "ScriptNotListed", /'a\.sql' is in the zip/],
    [
      "an id twice",
      `scripts: [{ file: a.sql, scriptId: ${scriptId(1)} }, { file: x.sql, scriptId: ${scriptId(1)} }]`,
      "ScriptIdDuplicate",
      /same ScriptId/,
    ],
  ])("is refused with %s", async (_what, yaml, code, message) => {
    const x = yaml.includes("x.sql") ? { "x.sql": "SELECT 2" } : {};
    const result = await readPackage(await makeZip({ "package.yaml": yaml, "a.sql": "SELECT 1", ...x }));
    if (result.ok) throw new Error("It was not refused.");
    expect(result.failures[0]).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each([
    ["nested deep", "[".repeat(100_000)],
    ["of many keys", Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join("\n")],
    ["of quotes", '"'.repeat(100_001)],
    ["of colons", ": ".repeat(100_000)],
  ])("is refused, within the test's time limit, when it is %s", async (_what, yaml) => {
    const result = await readPackage(await makeZip({ "package.yaml": yaml, "a.sql": "SELECT 1" }));
    expect(result.ok ? undefined : result.failures[0]?.code).toBe("ManifestInvalid");
  });

  it.each(["SqlSyncBuildProject.xml", "other/package.yml"])("is refused beside %s", async (name) => {
    const files = {
      "package.yaml": "scripts: [{ file: a.sql }]",
      [name]: makeProject(makeScript("a.sql", 1)),
      "a.sql": "SELECT 1",
    };
    const result = await readPackage(await makeZip(files));
    expect(result).toMatchObject({ ok: false, failures: [{ code: "ManifestInvalid", entry: name }] });
  });
});

describe("examples/release-43", () => {
  const folder = join(root, "examples/release-43");

  it("is read as docs/packages.md says", async () => {
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = found.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
    const files = await Promise.all(
      paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, "utf8")] as const),
    );
    const { scripts } = await read(Object.fromEntries(files));
    expect(scripts.map(({ fileName, kind, timeoutSeconds }) => [fileName, kind, timeoutSeconds])).toEqual([
      ["schema/001-customer-note.sql", "run-once", 120],
      ["schema/002-name-index.sql", "run-once", 600],
      ["programmability/customer-notes.sql", "on-change", 120],
      ["after/release-marker.sql", "always", 120],
    ]);
  });

  it("is valid by the published schema", async () => {
    const schema = JSON.parse(await readFile(join(root, "docs/package.schema.json"), "utf8")) as object;
    const validate = new Ajv2020({ formats: { uuid: true } }).compile(schema);
    validate(parse(await readFile(join(folder, "package.yaml"), "utf8")));
    expect(validate.errors).toBeNull();
  });

  it("is what docs/packages.md shows", async () => {
    const [shown, example] = await Promise.all([
      readFile(join(root, "docs/packages.md"), "utf8"),
      readFile(join(folder, "package.yaml"), "utf8"),
    ]);
    expect(shown).toContain(example);
  });
});
