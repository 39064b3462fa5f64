import { describe, expect, it } from "vitest";
import type { Refusal } from "../../../model/result.ts";
import { readPackage, type ReadPackageOptions } from "../../../services/package-reader/read-package.ts";
import { makeProject, makeRawZip, makeScript, makeZip, scriptId } from "./make-zip.ts";

async function refusalsOf(bytes: Uint8Array, options: ReadPackageOptions = {}): Promise<readonly Refusal[]> {
  const result = await readPackage(bytes, options);
  return result.ok ? [] : result.failures;
}

const codesOf = async (bytes: Uint8Array, options?: ReadPackageOptions): Promise<readonly string[]> =>
  (await refusalsOf(bytes, options)).map((refusal) => refusal.code);

describe("readPackage refuses what is no package", () => {
  it.each([
    ["nothing", "", "PackageEmpty"],
    ["white space", " \r\n", "PackageEmpty"],
    ["a script with nothing but GO", "GO\nGO", "PackageEmpty"],
    ["binary bytes", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), "NotAPackage"],
    ["gzip", Buffer.from([0x1f, 0x8b, 8, 0]), "NotAPackage"],
    ["UTF-16 without a mark", Buffer.from("SELECT 1", "utf16le"), "NotAPackage"],
    ["a Windows code page", Buffer.from("SELECT 'é'", "latin1"), "NotAPackage"],
    ["a web page", "<!DOCTYPE html><html></html>", "NotAPackage"],
    ["a bare .sbx", `\uFEFF${makeProject(makeScript("a.sql", 1))}`, "PackageIsProjectOnly"],
  ])("%s", async (_what, content, code) => {
    expect(await codesOf(Buffer.from(content))).toEqual([code]);
  });

  it("a zip without scripts", async () => {
    expect(await codesOf(await makeZip({}))).toEqual(["PackageWithoutScripts"]);
    expect(await codesOf(await makeZip({ "a.txt": "x" }))).toEqual(["PackageWithoutScripts"]);
    expect(await codesOf(await makeZip({ "p.xml": makeProject("") }))).toEqual(["PackageWithoutScripts"]);
    expect(await codesOf(await makeZip({ "a.sql": "" }))).toEqual(["PackageEmpty"]);
  });

  it("a damaged zip", async () => {
    const zip = await makeZip({ "a.sql": "SELECT 1" });
    expect(await codesOf(zip.subarray(0, zip.length - 10))).toEqual(["ZipDamaged"]);
    expect(await codesOf(makeRawZip([{ name: "a.sql", crc: 1 }]))).toEqual(["ZipDamaged"]);
    expect(await codesOf(Buffer.from("PK\x03\x04 and no more"))).toEqual(["ZipDamaged"]);
  });

  it("a zip whose bytes were flipped anywhere, without throwing", async () => {
    const zip = await makeZip({ "p.xml": makeProject(makeScript("a.sql", 1)), "a.sql": "SELECT 1" });
    for (let at = 0; at < zip.length; at += 1) {
      const flipped = Buffer.from(zip);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0x41, at);
      await expect(readPackage(flipped)).resolves.toHaveProperty("ok");
    }
  });
});

describe("readPackage refuses zips that would harm", () => {
  it.each([
    "../x.sql",
    "a/../../x.sql",
    String.raw`..\x.sql`,
    "/etc/x.sql",
    "C:/x.sql",
    String.raw`c:\x.sql`,
  ])("an entry named %s", async (name) => {
    const refusals = await refusalsOf(makeRawZip([{ name: "ok.sql" }, { name }]));
    expect(refusals).toMatchObject([{ code: "ZipUnsafePath", entry: name.replaceAll("\\", "/") }]);
  });

  it("'..' in an .sbm too, where whole paths are fine", async () => {
    const project = {
      name: String.raw`C:\t\SqlSyncBuildProject.xml`,
      content: makeProject(makeScript("a.sql", 1)),
    };
    expect(await codesOf(makeRawZip([project, { name: "/tmp/a.sql" }]))).toEqual([]);
    expect(await codesOf(makeRawZip([project, { name: "x/../a.sql" }]))).toEqual(["ZipUnsafePath"]);
  });

  it("a bomb, as soon as it unfolds, whatever its headers claim", async () => {
    const bomb = Buffer.alloc(20 * 1_048_576, "x");
    const honest = makeRawZip([{ name: "a.sql", content: bomb }]);
    const lying = makeRawZip([{ name: "a.sql", content: bomb, claimedSize: 8 }]);
    expect(honest.length).toBeLessThan(30_000);
    expect(await codesOf(honest)).toEqual(["ZipBomb"]);
    expect(await codesOf(lying)).toEqual(["ZipBomb"]);
  });

  it("a zip that lies about a small file's size", async () => {
    expect(await codesOf(makeRawZip([{ name: "a.sql", claimedSize: 3 }]))).toEqual(["ZipDamaged"]);
  });

  it("more than may be unpacked, over all entries", async () => {
    const zip = await makeZip({ "a.sql": "x".repeat(600), "b.sql": "y".repeat(600) });
    expect(await codesOf(zip, { limits: { totalBytes: 1_000 } })).toEqual(["PackageTooLarge"]);
    expect(await codesOf(zip, { limits: { totalBytes: 1_200 } })).toEqual([]);
  });

  it("a project XML that is too large", async () => {
    const zip = await makeZip({ "p.xml": makeProject(makeScript("a.sql", 1)), "a.sql": "SELECT 1" });
    expect(await codesOf(zip, { limits: { projectXmlBytes: 100 } })).toEqual(["PackageTooLarge"]);
  });

  it("more than 10,000 entries", async () => {
    const entries = Array.from({ length: 10_001 }, (_, n) => ({ name: `${n}.sql`, method: 0 }));
    expect(await codesOf(makeRawZip(entries))).toEqual(["ZipTooManyEntries"]);
    expect(await codesOf(makeRawZip(entries.slice(1)))).toEqual([]);
  });

  it("encrypted entries and compression it does not know", async () => {
    expect(await codesOf(makeRawZip([{ name: "a.sql", flags: 0x801 }]))).toEqual(["ZipEncrypted"]);
    expect(await codesOf(makeRawZip([{ name: "a.sql", flags: 0x841 }]))).toEqual(["ZipEncrypted"]);
    expect(await codesOf(makeRawZip([{ name: "a.sql", method: 12 }]))).toEqual(["ZipCompressionUnsupported"]);
  });

  it("two entries of one name", async () => {
    const twice = [{ name: "a.sql" }, { name: "A.sql" }];
    expect(await codesOf(makeRawZip(twice))).toEqual(["ZipDuplicateName"]);
    const project = { name: "p.xml", content: makeProject(makeScript("a.sql", 1)) };
    expect(await codesOf(makeRawZip([project, { name: "x/a.sql" }, { name: "y/a.sql" }]))).toEqual([
      "ZipDuplicateName",
    ]);
    expect(await codesOf(makeRawZip([project, { ...project, name: "x/p.xml" }, { name: "a.sql" }]))).toEqual([
      "ZipDuplicateName",
    ]);
  });
});

describe("readPackage refuses projects that cannot run", () => {
  const refusalsOfProject = async (xml: string): Promise<readonly Refusal[]> =>
    refusalsOf(await makeZip({ "p.xml": xml, "a.sql": "SELECT 1" }));

  it("malformed XML, with its line", async () => {
    const xml = makeProject(makeScript("a.sql", 1)).replace("</Scripts>", "</Script>");
    expect(await refusalsOfProject(xml)).toMatchObject([
      { code: "ProjectXmlMalformed", line: 4, entry: "p.xml" },
    ]);
  });

  it.each([
    ["an internal entity", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'],
    ["an external entity", '<!DOCTYPE x SYSTEM "file:///etc/passwd">'],
    ["a DTD behind a comment", "<!-- --><!DOCTYPE x>"],
    ["a DTD behind CDATA", "<![CDATA[ --> ]]><!DOCTYPE x>"],
  ])("%s", async (_what, declaration) => {
    const xml = makeProject(makeScript("a.sql", 1)).replace("?>", `?>${declaration}`);
    expect(await refusalsOfProject(xml)).toMatchObject([{ code: "ProjectXmlWithDtd" }]);
  });

  it("XML that is something else", async () => {
    expect(await refusalsOfProject("<project/>")).toMatchObject([{ code: "ProjectXmlUnknown" }]);
    const deep = "<a>".repeat(5_000) + "</a>".repeat(5_000);
    expect(await refusalsOfProject(deep)).toMatchObject([{ code: "ProjectXmlMalformed" }]);
    expect(await refusalsOfProject("no xml")).toMatchObject([{ code: "ProjectXmlMalformed" }]);
  });

  it("scripts that are not in the zip, all of them named", async () => {
    const xml = makeProject(makeScript("a.sql", 1) + makeScript("b.sql", 2) + makeScript("c.sql", 3));
    expect(await refusalsOfProject(xml)).toMatchObject([
      { code: "ScriptMissing", entry: "b.sql" },
      { code: "ScriptMissing", entry: "c.sql" },
    ]);
  });

  it("bad attributes and repeated ids, named by script", async () => {
    const script = (order: string, id: string): string =>
      `<Script FileName="a.sql" BuildOrder="${order}" ScriptId="${id}" />`;
    expect(await refusalsOfProject(makeProject(script("x", "y")))).toMatchObject([
      { code: "ScriptAttributeInvalid", entry: "a.sql" },
      { code: "ScriptAttributeInvalid", entry: "a.sql" },
    ]);
    const twice = script("1", scriptId(1)) + script("2", scriptId(1));
    expect(await refusalsOfProject(makeProject(twice))).toMatchObject([{ code: "ScriptIdDuplicate" }]);
  });

  it("a script that is not text", async () => {
    const zip = await makeZip({
      "p.xml": makeProject(makeScript("a.sql", 1)),
      "a.sql": Buffer.from([1, 2, 0]),
    });
    expect(await refusalsOf(zip)).toMatchObject([{ code: "ScriptNotText", entry: "a.sql" }]);
  });
});
