import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PackageContent } from "../../../model/package/manifest.ts";
import { readPackage } from "../../../services/package-reader/read-package.ts";
import { makeProject, makeScript, makeZip, scriptId } from "./make-zip.ts";

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/sbm/${name}`, import.meta.url));

async function read(bytes: Uint8Array, fileName?: string): Promise<PackageContent> {
  const result = await readPackage(bytes, fileName === undefined ? {} : { fileName });
  if (!result.ok) throw new Error(JSON.stringify(result.failures));
  return result.value;
}

const namesOf = (content: PackageContent): readonly string[] =>
  content.manifest.scripts.map((script) => script.fileName);

describe("readPackage, packages that sbm wrote", () => {
  it.each(["InsertForThreadedTest", "SimpleSelect", "SimpleSelect_DoubleClient", "long_running"])(
    "reads %s to what the schema says",
    async (name) => {
      const content = await read(fixture(`${name}.sbm`));
      expect(PackageContent.parse(content)).toEqual(content);
      expect(content.manifest.format).toBe("sbm");
    },
  );

  it("takes the last part of whole Windows paths", async () => {
    const { manifest, texts } = await read(fixture("InsertForThreadedTest.sbm"));
    expect(manifest.scripts).toMatchObject([
      {
        order: 1,
        fileName: "Insert Threaded Test.sql",
        scriptId: "af50818d-b632-408b-a509-34d9aa5a7470",
        database: "SqlBuildTest",
        tag: "Default",
        stripTransactionText: true,
        timeoutSeconds: 2,
        batches: 1,
        bytes: 112,
      },
    ]);
    expect(texts[0]).toContain("THREADED INSERT TEST");
  });

  it("gives scripts the hashes sbm gave them", async () => {
    const hashes = async (name: string): Promise<readonly string[]> =>
      (await read(fixture(name))).manifest.scripts.map((script) => script.legacySha1);
    const dbName = "D11EC16B42974E9B412281A63B8911C49084BEC8";
    expect(await hashes("SimpleSelect_DoubleClient.sbm")).toEqual([dbName, dbName]);
    expect(await hashes("SimpleSelect.sbm")).toEqual(["C8EC3C7C74804DA8BCEF8C3A762349045BA7521C"]);
  });
});

describe("readPackage, other .sbm", () => {
  const project = makeProject(makeScript("b.sql", 2) + makeScript("a.sql", 1));

  it("orders by BuildOrder, finds entries in any folder and case, and passes over history and logs", async () => {
    const content = await read(
      await makeZip({
        "SqlSyncBuildHistory.xml": "<not><even>xml",
        "LogFile-1.log": "x",
        "dir/SQLSYNCBUILDPROJECT.XML": project,
        "dir/sub/A.SQL": "SELECT 1",
        "b.sql": "SELECT 2",
        "notes/readme.txt": "",
        "more/readme.txt": "",
      }),
    );
    expect(namesOf(content)).toEqual(["a.sql", "b.sql"]);
    expect(content.texts).toEqual(["SELECT 1", "SELECT 2"]);
  });

  it("takes the first other XML when there is no SqlSyncBuildProject.xml", async () => {
    const content = await read(await makeZip({ "old.xml": project, "a.sql": "1", "b.sql": "2" }));
    expect(content.manifest.format).toBe("sbm");
  });

  it.each([
    ["the default namespace", ' xmlns="http://schemas.mckechney.com/SqlSyncBuildProject.xsd"', ""],
    ["no namespace", "", ""],
    ["a byte-order mark", "", "\uFEFF"],
  ])("reads XML with %s", async (_what, namespace, mark) => {
    const xml = mark + makeProject(makeScript("a.sql", 1), namespace);
    expect(namesOf(await read(await makeZip({ "p.xml": xml, "a.sql": "SELECT 1" })))).toEqual(["a.sql"]);
  });

  it("reads XML with a prefix, in UTF-16, with entities and elements it does not know", async () => {
    const xml = makeProject(
      `<!-- <!DOCTYPE --><Other/>${makeScript("a.sql", 1, 'Description="&lt;a&gt; &amp;amp; &#xE9;&#10;&quot;" Database="d"')}`,
    ).replaceAll(/<(\/?)(?=S)/g, "<$1x:");
    const named = xml.replace("<x:SqlSyncBuildData", '<x:SqlSyncBuildData xmlns:x="urn:x"');
    const utf16 = Buffer.from(
      `\uFEFF${named.replace('<?xml version="1.0" standalone="yes"?>', "")}`,
      "utf16le",
    );
    const { manifest } = await read(await makeZip({ "p.xml": utf16, "a.sql": "SELECT 1" }));
    expect(manifest.scripts).toMatchObject([
      { description: '<a> &amp; é\n"', database: "d", timeoutSeconds: 20 },
    ]);
  });

  it("keeps its identity when packed again, in another order, with other attributes first", async () => {
    const first = await read(await makeZip({ "p.xml": project, "a.sql": "SELECT 'é'", "b.sql": "SELECT 2" }));
    const turned =
      `<Script ScriptId="${scriptId(1)}" RollBackOnError="true" BuildOrder="10" FileName="a.sql" />` +
      `<Script BuildOrder="20" ScriptId="${scriptId(2).toUpperCase()}" FileName="b.sql" />`;
    const again = await read(
      await makeZip({
        "x/b.sql": "SELECT 2",
        "x/a.sql": Buffer.from("\uFEFFSELECT 'é'", "utf16le"),
        "x/p.xml": makeProject(turned),
      }),
    );
    expect(again).toEqual(first);
  });
});

describe("readPackage, loose scripts", () => {
  it("orders a zip of .sql by whole path and passes over other files", async () => {
    const content = await read(
      await makeZip({
        "b/1.sql": "SELECT 4",
        "a.SQL": "SELECT 3",
        "2.sql": "SELECT 2",
        "10.sql": "SELECT 1",
        "readme.md": "",
        "__MACOSX/._2.sql": Buffer.from([0, 5, 22, 7]),
      }),
    );
    expect(namesOf(content)).toEqual(["10.sql", "2.sql", "a.SQL", "b/1.sql"]);
    expect(content.manifest.format).toBe("zip");
    expect(content.manifest.scripts[0]).toMatchObject({
      database: "",
      timeoutSeconds: 500,
      kind: "run-once",
      stripTransactionText: false,
      rollBackOnError: true,
      causesBuildFailure: true,
    });
  });

  it("takes a script's kind from its innermost folder of that name, and orders kind by kind", async () => {
    const { manifest } = await read(
      await makeZip({
        "always/grants.sql": "SELECT 1",
        "db/On-Change/always/refresh.sql": "SELECT 2",
        "db/On-Change/views/v.sql": "SELECT 3",
        "always.sql": "SELECT 4",
        "on-change/run-once/seed.sql": "SELECT 5",
        "schema/1.sql": "SELECT 6",
      }),
    );
    expect(manifest.scripts.map(({ fileName, kind }) => `${kind} ${fileName}`)).toEqual([
      "run-once always.sql",
      "run-once on-change/run-once/seed.sql",
      "run-once schema/1.sql",
      "on-change db/On-Change/views/v.sql",
      "always always/grants.sql",
      "always db/On-Change/always/refresh.sql",
    ]);
  });

  it.each([
    ["UTF-8", Buffer.from("SELECT 'é'\n")],
    ["UTF-8 with a mark", Buffer.from("\uFEFFSELECT 'é'\n")],
    ["UTF-16 LE", Buffer.from("\uFEFFSELECT 'é'\n", "utf16le")],
    ["UTF-16 BE", Buffer.from("\uFEFFSELECT 'é'\n", "utf16le").swap16()],
  ])("reads one .sql in %s", async (_encoding, bytes) => {
    const { manifest, texts } = await read(bytes, String.raw`C:\x\seed.sql`);
    expect(texts).toEqual(["SELECT 'é'\n"]);
    expect(manifest).toMatchObject({
      format: "sql",
      scripts: [{ fileName: "seed.sql", bytes: 12, kind: "always" }],
    });
  });

  it("gives a script the same id in the next release, and the same package the same hash", async () => {
    const first = await read(Buffer.from("SELECT 1"), "a.sql");
    const second = await read(await makeZip({ "a.sql": "SELECT 1" }));
    const again = await read(await makeZip({ "a.sql": Buffer.from("\uFEFFSELECT 1"), "readme.md": "" }));
    const third = await read(await makeZip({ "a.sql": "SELECT 2" }));
    expect(again.manifest.sha256).toBe(second.manifest.sha256);
    expect(second.manifest.scripts[0]?.scriptId).toBe(first.manifest.scripts[0]?.scriptId);
    expect(third.manifest.scripts[0]?.scriptId).toBe(first.manifest.scripts[0]?.scriptId);
  });

  it("believes the content, not the name", async () => {
    const zip = await makeZip({ "a.sql": "SELECT 1" });
    expect((await read(zip, "package.sql")).manifest.format).toBe("zip");
    expect((await read(Buffer.from("PK is a column"), "package.sbm")).manifest.format).toBe("sql");
  });
});
