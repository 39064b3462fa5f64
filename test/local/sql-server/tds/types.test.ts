import fc from "fast-check";
import { expect, it } from "vitest";
import type { SqlType, SqlValue } from "../../../../local/sql-server/session.ts";
import { ByteReader } from "../../../../local/sql-server/tds/byte-reader.ts";
import { ByteWriter } from "../../../../local/sql-server/tds/byte-writer.ts";
import { readTypeInfo } from "../../../../local/sql-server/tds/types/read-type.ts";
import { readValue } from "../../../../local/sql-server/tds/types/read-value.ts";
import { writeTypeInfo } from "../../../../local/sql-server/tds/types/write-type.ts";
import { valueWriter } from "../../../../local/sql-server/tds/types/write-value.ts";

/** What a client would read, as the server reads a client's parameters: the same description, the same bytes. */
function roundTrip(
  type: SqlType,
  value: SqlValue,
  nullable = true,
): { readonly type: SqlType; readonly value: SqlValue } {
  const writer = new ByteWriter(16);
  writeTypeInfo(writer, type, nullable);
  valueWriter(type, nullable)(writer, value);
  const reader = new ByteReader(Buffer.from(writer.bytes));
  const read = readTypeInfo(reader);
  const back = readValue(reader, read);
  expect(reader.remaining).toBe(0);
  return { type: read.sql, value: back };
}

const moment = fc
  .record({
    milliseconds: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
    hundredNanoseconds: fc.integer({ min: 0, max: 9999 }),
  })
  .map((value) => value);
const timeOfDay = fc.record({
  milliseconds: fc.integer({ min: 0, max: 86_399_999 }),
  hundredNanoseconds: fc.integer({ min: 0, max: 9999 }),
});
const wholeDay = fc
  .integer({ min: -719_162, max: 2_932_896 })
  .map((day) => ({ milliseconds: day * 86_400_000, hundredNanoseconds: 0 }));
const minute = fc
  .integer({ min: -36_816_480, max: 57_555_359 })
  .map((minutes) => ({ milliseconds: minutes * 60_000, hundredNanoseconds: 0 }));
const decimalText = (whole: number, scale: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.boolean(), fc.bigInt(0n, 10n ** BigInt(whole) - 1n), fc.bigInt(0n, 10n ** BigInt(scale) - 1n))
    .map(([negative, left, right]) => {
      const sign = negative && (left > 0n || right > 0n) ? "-" : "";
      return `${sign}${left}.${right.toString().padStart(scale, "0")}`;
    });
const guid = fc.uuid().map((text) => text.toUpperCase());
const latin = fc.string({ unit: fc.constantFrom(..."aZ9 ~é€™œŸ\u00a0ÿ".split("")) });
const bytes = fc.uint8Array({ maxLength: 300 });

const cases: readonly { readonly type: SqlType; readonly values: fc.Arbitrary<SqlValue> }[] = [
  { type: { name: "tinyint" }, values: fc.integer({ min: 0, max: 255 }) },
  { type: { name: "smallint" }, values: fc.integer({ min: -32_768, max: 32_767 }) },
  { type: { name: "int" }, values: fc.integer() },
  { type: { name: "bigint" }, values: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) },
  { type: { name: "bit" }, values: fc.boolean() },
  { type: { name: "real" }, values: fc.float({ noNaN: true }) },
  { type: { name: "float" }, values: fc.double({ noNaN: true }) },
  { type: { name: "decimal", precision: 9, scale: 2 }, values: decimalText(7, 2) },
  { type: { name: "decimal", precision: 19, scale: 4 }, values: decimalText(15, 4) },
  { type: { name: "decimal", precision: 28, scale: 8 }, values: decimalText(20, 8) },
  { type: { name: "decimal", precision: 38, scale: 18 }, values: decimalText(20, 18) },
  { type: { name: "money" }, values: decimalText(14, 4) },
  { type: { name: "char", length: 20 }, values: latin.map((text) => text.slice(0, 20).padEnd(20)) },
  { type: { name: "varchar", length: 8000 }, values: latin },
  { type: { name: "varchar", length: "max" }, values: latin },
  {
    type: { name: "nchar", length: 60 },
    values: fc.string({ unit: "binary" }).map((text) => text.padEnd(60)),
  },
  { type: { name: "nvarchar", length: 4000 }, values: fc.string({ unit: "binary" }) },
  { type: { name: "nvarchar", length: "max" }, values: fc.string({ unit: "grapheme", maxLength: 5000 }) },
  { type: { name: "binary", length: 16 }, values: fc.uint8Array({ minLength: 16, maxLength: 16 }) },
  { type: { name: "varbinary", length: 300 }, values: bytes },
  { type: { name: "varbinary", length: "max" }, values: bytes },
  { type: { name: "date" }, values: wholeDay },
  { type: { name: "time", scale: 7 }, values: timeOfDay },
  { type: { name: "smalldatetime" }, values: minute },
  { type: { name: "datetime2", scale: 7 }, values: moment },
  {
    type: { name: "datetimeoffset", scale: 7 },
    values: fc
      .tuple(moment, fc.integer({ min: -840, max: 840 }))
      .map(([value, offsetMinutes]) => ({ ...value, offsetMinutes })),
  },
  { type: { name: "uniqueidentifier" }, values: guid },
];

it.each(cases)(
  "$type.name ($type.length $type.precision) keeps every value, and NULL",
  ({ type, values }) => {
    fc.assert(
      fc.property(fc.option(values), (value) => {
        const back = roundTrip(type, value);
        expect(back.type).toEqual(type);
        expect(back.value).toEqual(value);
        if (value !== null) expect(roundTrip(type, value, false)).toEqual({ type, value });
      }),
      { numRuns: 60 },
    );
  },
);

it.each([
  ["text", "Jöb ✓"],
  ["a whole number", -5],
  ["a large one", 2n ** 40n],
  ["a fraction", 0.1],
  ["a bit", true],
  ["bytes", Uint8Array.of(0, 255)],
  ["a moment", { milliseconds: 1_767_225_600_123, hundredNanoseconds: 4567 }],
  ["NULL", null],
] as const)("sql_variant carries %s", (_name, value) => {
  expect(roundTrip({ name: "sql_variant" }, value).value).toEqual(value);
});

it("datetime keeps 1/300 of a second, and rounds up into the next day", () => {
  const day = 86_400_000;
  const type = { name: "datetime" } as const;
  const at = (milliseconds: number): SqlValue =>
    roundTrip(type, { milliseconds, hundredNanoseconds: 0 }).value;
  expect(at(day + 3)).toEqual({ milliseconds: day + 3, hundredNanoseconds: 0 });
  expect(at(day + 5)).toEqual({ milliseconds: day + 7, hundredNanoseconds: 0 });
  expect(at(2 * day - 1)).toEqual({ milliseconds: 2 * day, hundredNanoseconds: 0 });
});

it("rounds times to their scale", () => {
  const value = { milliseconds: 1_999, hundredNanoseconds: 9999 };
  expect(roundTrip({ name: "datetime2", scale: 0 }, value).value).toMatchObject({ milliseconds: 2_000 });
  expect(roundTrip({ name: "datetime2", scale: 3 }, value).value).toMatchObject({ milliseconds: 2_000 });
});

it("rounds decimals to their scale", () => {
  const type = { name: "decimal", precision: 10, scale: 2 } as const;
  expect(roundTrip(type, "1.005").value).toBe("1.01");
  expect(roundTrip(type, "-7").value).toBe("-7.00");
  expect(roundTrip(type, "1e3").value).toBe("1000.00");
});

it("reads a decimal of as few bytes as its precision needs, which is what FreeTDS sends", () => {
  // numeric(7,4): 4 bytes, positive, 1234567 in three of them.
  const reader = new ByteReader(Buffer.from("6c0407040401" + "87d612", "hex"));
  expect(readValue(reader, readTypeInfo(reader))).toBe("123.4567");
  expect(reader.remaining).toBe(0);
});

it("sends text without a length as (max), and what code page 1252 lacks as ?", () => {
  expect(roundTrip({ name: "varchar" }, "a✓b")).toEqual({
    type: { name: "varchar", length: "max" },
    value: "a?b",
  });
});

it("fills values of fixed length up", () => {
  expect(roundTrip({ name: "char", length: 4 }, "é").value).toBe("é   ");
  expect(roundTrip({ name: "nchar", length: 4 }, "✓").value).toBe("✓   ");
  expect(roundTrip({ name: "binary", length: 3 }, Uint8Array.of(7)).value).toEqual(Uint8Array.of(7, 0, 0));
});

it("refuses a value of the wrong kind", () => {
  expect(() => roundTrip({ name: "datetime2", scale: 7 }, "2026-01-01")).toThrow("cannot be sent as a date");
  expect(() => roundTrip({ name: "varbinary", length: 8 }, "text")).toThrow("cannot be sent as binary");
  expect(() => roundTrip({ name: "uniqueidentifier" }, "text")).toThrow("no uniqueidentifier");
});
