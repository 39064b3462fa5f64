import { describe, expect, it } from "vitest";
import { toLegacyPackageHash, toLegacyScriptHash } from "../../../model/package/legacy-hash.ts";
import { splitLegacyBatches } from "../../../model/package/legacy-split.ts";

const script = (text: string, stripTransactionText = false, fileName = "a.sql") => ({
  fileName,
  text,
  stripTransactionText,
});
const split = (text: string): readonly string[] => splitLegacyBatches(script(text));

describe("toLegacyScriptHash", () => {
  // From SqlSyncBuildHistory.xml of packages that sbm wrote and ran.
  it.each([
    ["SELECT DB_NAME()\r\n", "D11EC16B42974E9B412281A63B8911C49084BEC8"],
    ["SELECT DB_NAME()\n", "D11EC16B42974E9B412281A63B8911C49084BEC8"],
    ["SELECT top 1 * FROM information_schema.tables \r\n", "C8EC3C7C74804DA8BCEF8C3A762349045BA7521C"],
  ])("of %j is what sbm wrote down", (text, hash) => {
    expect(toLegacyScriptHash(script(text))).toBe(hash);
  });

  it("does not see what separators look like", () => {
    const hash = toLegacyScriptHash(script("SELECT 1\r\nGO\r\nSELECT 2"));
    expect(toLegacyScriptHash(script("SELECT 1\n  go  \nSELECT 2\nGO\n"))).toBe(hash);
    expect(toLegacyScriptHash(script("SELECT 1\nGO\nSELECT 3"))).not.toBe(hash);
  });

  it("turns every UTF-16 unit beyond ASCII into a question mark", () => {
    expect(toLegacyScriptHash(script("SELECT 'é😀'"))).toBe(toLegacyScriptHash(script("SELECT '???'")));
  });
});

describe("toLegacyPackageHash", () => {
  it("is a hash of the script hashes, each with a line break", () => {
    // printf '%s\r\n%s\r\n' D11E… D11E… | sha1sum
    const one = "D11EC16B42974E9B412281A63B8911C49084BEC8";
    expect(toLegacyPackageHash([one, one])).toBe("0D525B3220B0EA5BF9B21360326B6739D91E96AD");
  });
});

describe("splitLegacyBatches", () => {
  it("keeps the line break before a separator and cuts one off the last batch", () => {
    expect(split("a\nGO\n\nb\n\nGO\nc\n\n")).toEqual(["a\r\n", "\r\nb\r\n\r\n", "c\r\n"]);
    expect(split("a\nGO\nb\nGO\n")).toEqual(["a\r\n", "b"]);
    expect(split("a\n")).toEqual(["a"]);
  });

  it("sees GO in strings but not in comments, and no repeat count", () => {
    expect(split("SELECT '\nGO\n'")).toHaveLength(2);
    expect(split("/*\nGO\n*/ -- x\nGO 5\nb")).toHaveLength(1);
  });

  it("does not look behind GO on a last line without a line break", () => {
    expect(split("SELECT 1\nGO -- the end")).toHaveLength(2);
  });

  it("starts with an empty batch when the script starts with GO", () => {
    expect(split("GO\nSELECT 1")).toEqual(["", "SELECT 1"]);
  });

  it("removes USE, and transactions when told so, only from scripts that have a GO", () => {
    const strip = (text: string, name?: string): readonly string[] =>
      splitLegacyBatches(script(text, true, name));
    expect(strip("USE x\nBEGIN TRAN\nGO\n-- COMMIT\nCOMMIT")).toEqual(["\r\n\r\n", "-- COMMIT\r\n"]);
    expect(strip("USE x\nBEGIN TRAN")).toEqual(["USE x\r\nBEGIN TRAN"]);
    expect(strip("COMMIT\nGO\nx", "p.PRC")).toEqual(["COMMIT\r\n", "x"]);
  });
});
