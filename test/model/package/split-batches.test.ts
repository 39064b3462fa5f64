import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitBatches } from "../../../model/package/split-batches.ts";

const textsOf = (script: string): readonly string[] => splitBatches(script).map((batch) => batch.text);

describe("splitBatches", () => {
  it.each(["GO", "go", "  Go\t", "\tGO ;", "GO;", "GO -- it's done", "GO--x", "GO 2 ; -- twice"])(
    "takes '%s' as a separator",
    (separator) => {
      expect(textsOf(`SELECT 1\r\n${separator}\r\nSELECT 2`)).toEqual(["SELECT 1", "SELECT 2"]);
    },
  );

  it.each([
    "GO SELECT 3",
    "GOTO x",
    "x GO",
    "-- GO",
    "GO x",
    "GO -5",
    "GO 2 3",
    "GO /* x */",
    "GO 1.5",
    "[GO]",
    "GO;;",
  ])("takes '%s' as text", (line) => {
    expect(textsOf(`SELECT 1\n${line}\nSELECT 2`)).toHaveLength(1);
  });

  it.each([
    ["a string", "SELECT 'it''s\nGO\n'"],
    ["a string with a bracket", "SELECT '[\nGO\n'"],
    ["a bracketed name", "SELECT 1 AS [a]]\nGO\n]"],
    ["a quoted name", 'SELECT 1 AS "a""\nGO\n"'],
    ["a block comment", "/* it's\nGO\n*/"],
    ["a nested block comment", "/* /* */\nGO\n*/"],
    ["a block comment with dashes", "/* --\nGO\n*/"],
    ["a string that is never closed", "SELECT '\nGO\nSELECT 2"],
    ["a comment that is never closed", "SELECT /* /* */\nGO\nSELECT 2"],
  ])("leaves GO in %s alone", (_where, script) => {
    expect(textsOf(script)).toEqual([script]);
  });

  it.each([
    ["a quote in a line comment", "-- it's\nGO\nSELECT '1'"],
    ["a comment mark in a line comment", "-- /*\nGO\nSELECT 2"],
    ["dashes in a string", "SELECT '--'\nGO\nSELECT 2"],
    ["a comment mark in a string", "SELECT '/*'\nGO\nSELECT 2"],
    ["a closed bracket", "SELECT [']\nGO\nSELECT ']'"],
    ["a comment that ends the line before", "SELECT /*\n*/\nGO\nSELECT 2"],
  ])("is not fooled by %s", (_what, script) => {
    expect(textsOf(script)).toHaveLength(2);
  });

  it("gives each batch the line on which it starts", () => {
    const script = "\uFEFFSELECT 1\r\nGO\r\n\r\n-- two\rSELECT 2\nGO 5\n\nGO\nSELECT 3";
    expect(splitBatches(script)).toEqual([
      { text: "SELECT 1", line: 1, count: 1 },
      { text: "\r\n-- two\rSELECT 2", line: 3, count: 5 },
      { text: "SELECT 3", line: 9, count: 1 },
    ]);
  });

  it("drops batches that have nothing to run", () => {
    expect(splitBatches("GO\nGO\n \t\nGO\n")).toEqual([]);
    expect(splitBatches("SELECT 1\nGO 0\nSELECT 2")).toEqual([{ text: "SELECT 2", line: 3, count: 1 }]);
  });

  it.each([
    ["separators", "SELECT 1\nGO\n"],
    ["literals on one line", "SELECT 'a' "],
    ["opened comments", "/* "],
    ["blank runs after GO", "GO                    "],
    ["doubled quotes", "''"],
    ["line breaks", "\r\n"],
  ])("takes linear time for many %s", (_what, piece) => {
    // Processor time: other tests share the machine.
    const start = process.cpuUsage();
    splitBatches(piece.repeat(100_000));
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(2_000);
  });
});

const opaque = fc.oneof(
  fc.constantFrom(
    "'x\nGO\n'",
    "'it''s\r\ngo\r\n'",
    "[a]]\nGO\n]",
    '"q""\nGO 2\n"',
    "/* a /* b\nGO\n*/ c\nGO\n*/",
  ),
  fc
    .string({ unit: fc.constantFrom("a", "\n", "G", "O", " ", "''"), maxLength: 12 })
    .map((text) => `'${text}'`),
  fc.constantFrom("-- GO it's [\n", "--\nx"),
);
const code = fc.constantFrom("SELECT 1 ", "x", "\n", "\r\n", "  ", ";", "GO1", "\nGOTO a\n", "\r");
const batchText = fc
  .array(fc.oneof(code, opaque), { minLength: 1, maxLength: 8 })
  // A word at the end keeps a line comment from swallowing the separator's line break.
  .map((pieces) => `S${pieces.join("")}\nE`);
const separator = fc.constantFrom("\nGO\n", "\r\n go \r\n", "\rGO 3\r", "\nGO;\n", "\n\tGO -- '[/*\n");

describe("splitBatches, for any script", () => {
  it("gives back what was joined, with repeat counts and lines that point at the text", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(batchText, separator), { minLength: 1, maxLength: 6 }), (parts) => {
        const script = parts.map(([text, go]) => text + go).join("");
        const batches = splitBatches(script);
        expect(batches.map((batch) => batch.text)).toEqual(parts.map(([text]) => text));
        expect(batches.map((batch) => batch.count)).toEqual(
          parts.map(([, go]) => (go.includes("3") ? 3 : 1)),
        );
        const lines = script.split(/\r\n|\r|\n/);
        for (const { text, line } of batches) expect(lines[line - 1]).toBe(text.split(/\r\n|\r|\n/)[0]);
      }),
    );
  });

  it("never splits what is inside one literal, name or comment", () => {
    const inside = fc.string({
      unit: fc.constantFrom("\n", "GO", "\r\n", " ", "a", "--", "5", ";"),
      maxLength: 20,
    });
    const quotes = fc.constantFrom(["'", "'"], ["[", "]"], ['"', '"'], ["/*", "*/"]);
    fc.assert(
      fc.property(inside, quotes, (text, [open, close]) => {
        const script = `SELECT ${open}${text}${close}`;
        expect(textsOf(script)).toEqual([script]);
      }),
    );
  });

  it("makes nothing up: what it keeps is in the script, in that order", () => {
    const pieces = fc.constantFrom("'", "[", "]", "GO", "\n", "\r", "/*", "*/", "--", "a", " ", "5");
    fc.assert(
      fc.property(fc.string({ unit: pieces }), (script) => {
        let at = 0;
        for (const text of textsOf(script)) {
          const found = script.indexOf(text, at);
          expect(found).toBeGreaterThanOrEqual(at);
          at = found + text.length;
        }
      }),
    );
  });
});
