import { describe, expect, it } from "vitest";
import { toLooseScript, toScriptId } from "../../../model/package/loose-script.ts";
import { PackageContent } from "../../../model/package/manifest.ts";
import { toPackageSha256 } from "../../../model/package/package-hash.ts";
import { parseProjectScripts } from "../../../model/package/parse-project.ts";
import { toPackageContent } from "../../../model/package/to-package-content.ts";

const id = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;

describe("toScriptId", () => {
  it("is a version 5 UUID that only the path decides, the same for ever", () => {
    expect(toScriptId("a/1.sql")).toBe("2a11ec75-4de8-5525-8609-2c2b006667b2");
    expect(toScriptId("a/2.sql")).not.toBe(toScriptId("a/1.sql"));
  });
});

describe("toPackageSha256", () => {
  const script = toLooseScript("1.sql", "SELECT 1");

  it("is pinned: a change would make every stored package another", () => {
    expect(toPackageSha256([script])).toBe(
      "16cbb0c08c03997c91621e42bb92d338e515a22fb028a12280cc5292b84d1324",
    );
  });

  it("depends on every fact, the text and the order", () => {
    const other = toLooseScript("2.sql", "SELECT 2");
    const variants = [
      [script],
      [{ ...script, text: "SELECT 1 " }],
      [{ ...script, database: "x" }],
      [{ ...script, tag: "x" }],
      [{ ...script, description: "x" }],
      [{ ...script, rollBackOnError: false }],
      [{ ...script, causesBuildFailure: false }],
      [{ ...script, stripTransactionText: true }],
      [{ ...script, kind: "run-once" as const }],
      [{ ...script, kind: "on-change" as const }],
      [{ ...script, timeoutSeconds: 1 }],
      [{ ...script, scriptId: id(1) }],
      [script, other],
      [other, script],
    ];
    expect(new Set(variants.map(toPackageSha256)).size).toBe(variants.length);
  });
});

describe("toPackageContent", () => {
  it("answers what its schema says", () => {
    const content = toPackageContent("zip", [toLooseScript("1.sql", "SELECT 'é'\nGO\nSELECT 2")]);
    expect(PackageContent.parse(content)).toEqual(content);
    expect(content.manifest).toMatchObject({
      totalBytes: 23,
      scripts: [{ order: 1, batches: 2, bytes: 23 }],
    });
  });
});

describe("parseProjectScripts", () => {
  const element = (changes: Readonly<Record<string, string>> = {}) => ({
    FileName: "a.sql",
    BuildOrder: "1",
    ScriptId: id(1),
    ...changes,
  });

  it("fills in what sbm takes at run time", () => {
    expect(parseProjectScripts([element()])).toEqual({
      ok: true,
      value: [
        {
          fileName: "a.sql",
          scriptId: id(1),
          database: "",
          description: "",
          tag: "",
          rollBackOnError: true,
          causesBuildFailure: true,
          stripTransactionText: false,
          kind: "always",
          timeoutSeconds: 20,
        },
      ],
    });
  });

  it("orders by BuildOrder, which may be a fraction; equal ones as they stand", () => {
    const result = parseProjectScripts([
      element({ FileName: "c", BuildOrder: "10", ScriptId: id(1) }),
      element({ FileName: "a", BuildOrder: "2.5", ScriptId: id(2) }),
      element({ FileName: "d", BuildOrder: "1E1", ScriptId: id(3) }),
      element({ FileName: "b", BuildOrder: "9", ScriptId: id(4) }),
    ]);
    expect(result.ok && result.value.map((script) => script.fileName)).toEqual(["a", "b", "c", "d"]);
  });

  it("reads flags, braces around GUIDs and whole paths", () => {
    const result = parseProjectScripts([
      element({
        FileName: String.raw`C:\temp\a.sql`,
        ScriptId: `{${id(1).toUpperCase()}}`,
        RollBackOnError: "False",
        StripTransactionText: "1",
        AllowMultipleRuns: "false",
        ScriptTimeOut: "0",
      }),
    ]);
    expect(result).toMatchObject({
      value: [
        {
          fileName: "a.sql",
          scriptId: id(1),
          rollBackOnError: false,
          stripTransactionText: true,
          kind: "run-once",
          timeoutSeconds: 0,
        },
      ],
    });
  });

  it.each([
    [{ BuildOrder: "first" }, "Script 'a.sql': attribute BuildOrder is not a number."],
    [{ BuildOrder: "NaN" }, "Script 'a.sql': attribute BuildOrder is not a number."],
    [{ ScriptId: "42" }, "Script 'a.sql': attribute ScriptId is not a GUID."],
    [{ FileName: "" }, "Script number 1: attribute FileName is empty."],
    [{ RollBackOnError: "yes" }, "Script 'a.sql': attribute RollBackOnError is neither true nor false."],
    [{ ScriptTimeOut: "-1" }, "Script 'a.sql': attribute ScriptTimeOut is not a whole number of seconds."],
  ])("refuses %j and names the script", (changes, message) => {
    const result = parseProjectScripts([element(changes)]);
    expect(result).toMatchObject({ ok: false, failures: [{ code: "ScriptAttributeInvalid", message }] });
  });

  it("refuses what is missing, all of it at once", () => {
    const result = parseProjectScripts([{ FileName: "a.sql" }, { BuildOrder: "1", ScriptId: id(1) }]);
    expect(!result.ok && result.failures.map((failure) => failure.message)).toEqual([
      "Script 'a.sql': attribute BuildOrder is missing.",
      "Script 'a.sql': attribute ScriptId is missing.",
      "Script number 2: attribute FileName is missing.",
    ]);
  });

  it("refuses two scripts of one id", () => {
    const result = parseProjectScripts([element(), element({ FileName: "b.sql" })]);
    expect(result).toMatchObject({ failures: [{ code: "ScriptIdDuplicate", entry: "b.sql" }] });
  });
});
