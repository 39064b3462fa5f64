import { afterAll, beforeAll, expect, test } from "vitest";
import fc from "fast-check";
import { fromStored, parseExact, toStored } from "../../../../local/sql-server/engine/types/exact.ts";
import { openEngine, type TestEngine, type TestSession } from "./open-engine.ts";

let engine: TestEngine;
let session: TestSession;

beforeAll(async () => {
  engine = await openEngine();
  session = await engine.connect();
  await session.batch(`
    CREATE TABLE Amounts (id int IDENTITY PRIMARY KEY, amount numeric(38,10) UNIQUE, price money);
    INSERT Amounts (amount, price) VALUES (1234567890123456789012345678.0123456789, 922337203685477.5807),
      (-1234567890123456789012345678.0123456789, -0.0001), (0.0000000001, 0.1), (0, 0.2), (9, NULL), (10, NULL);
  `);
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

const expressions: readonly (readonly [expression: string, value: unknown])[] = [
  ["0.1 + 0.2", "0.3"],
  ["-1.50", "-1.50"],
  ["2.0 / 3", "0.666666"],
  ["-7.5 % 2", "-1.5"],
  ["9999999999 * 9999999999", "99999999980000000001"],
  ["CAST('1234567890123456.0123456789' AS numeric(26,10))", "1234567890123456.0123456789"],
  ["CAST(CAST(1234567890123456.0123456789 AS numeric(26,10)) AS varchar(40))", "1234567890123456.0123456789"],
  ["CAST(9007199254740993 AS bigint)", 9007199254740993n],
  ["CAST(-2.99 AS int)", -2],
  ["CAST(1.5 AS float)", 1.5],
  ["CAST(1.005 AS decimal(9,2))", "1.01"],
  ["CAST(12.345 AS money)", "12.3450"],
  ["CAST(1.5 AS bit)", true],
  ["ABS(-12345678901234567890.5)", "12345678901234567890.5"],
  ["SIGN(-0.5)", "-1.0"],
  ["FLOOR(-1.5)", "-2"],
  ["CEILING(-1.5)", "-1"],
  ["ROUND(12345678901234567.895, 2)", "12345678901234567.900"],
  ["ROUND(1250.5, -2)", "1300.0"],
  ["ROUND(2.59, 1, 1)", "2.50"],
  ["POWER(1.5, 2)", "2.3"],
  ["SQUARE(1.5)", 2.25],
  ["SQRT(2.25)", 1.5],
  ["STR(2.5, 5)", "    3"],
  ["ISNUMERIC(1.5)", 1],
  ["CHOOSE(2.9, 'a', 'b')", "b"],
  ["COALESCE(NULL, 1.25, 2)", "1.25"],
  ["CASE WHEN 1 = 1 THEN 1 ELSE 0.5 END", "1.0"],
  [
    "CASE WHEN 10 > 9.5 AND -10 < -9.5 AND 1.50 = 1.5 AND 2.0 IN (1, 2) AND 5 BETWEEN 4.9 AND 5.1 THEN 1 END",
    1,
  ],
  [
    "CASE WHEN CAST(5000000000 AS bigint) = 5000000000 AND 5 < 9223372036854775808 AND 1 > -5000000000 THEN 1 END",
    1,
  ],
  ["CASE WHEN 3 = 3.0 AND 3 <> 3.5 AND 3 BETWEEN 2.0 AND 5000000000 THEN 1 END", 1],
  ["5000000000", "5000000000"],
  ["CASE WHEN CAST(0.5 AS numeric(38,35)) < CAST(100000 AS int) THEN 1 END", 1],
  ["CAST(1 AS numeric(38,35)) + 2000", "2001.000000000000000000000000000000000"],
  ["CASE WHEN 0.1 = 1e-1 THEN 1 END", 1],
  ["CONCAT(1.50, '|', CAST(2 AS money))", "1.50|2.00"],
  ["CAST(CAST(1.5 AS sql_variant) AS decimal(5,2))", "1.50"],
  ["CAST(CAST('2020-01-01' AS datetime) + 0.5 AS varchar(30))", "Jan  1 2020 12:00PM"],
];

test.each(expressions)("%s", async (expression, value) => {
  expect(await session.rows(`SELECT ${expression}`)).toEqual([[value]]);
});

test("38 digits are stored, sorted, found, added and averaged without losing one", async () => {
  const large = "1234567890123456789012345678.0123456789";
  const sorted = await session.rows("SELECT amount FROM Amounts ORDER BY amount");
  expect(sorted.flat()).toEqual([
    `-${large}`,
    "0.0000000000",
    "0.0000000001",
    "9.0000000000",
    "10.0000000000",
    large,
  ]);
  expect(await session.rows(`SELECT id FROM Amounts WHERE amount = ${large}`)).toEqual([[1]]);
  expect(await session.rows("SELECT id FROM Amounts WHERE amount > 9 AND amount <= 10.0")).toEqual([[6]]);
  expect(
    await session.rows(
      "SELECT SUM(amount), AVG(amount), MIN(price), MAX(price), AVG(price) FROM Amounts WHERE id > 1",
    ),
  ).toEqual([
    [
      "-1234567890123456789012345659.0123456788",
      "-246913578024691357802469131.8024691357",
      "-0.0001",
      "0.2000",
      "0.0999",
    ],
  ]);
  const { errors } = await session.batch("SELECT SUM(price) FROM Amounts");
  expect(errors.map(({ message }) => message)).toEqual([
    "Arithmetic overflow error converting expression to data type money.",
  ]);
});

test("a window's sum gives rows back; a sum of nothing is null", async () => {
  const rows = await session.rows(
    "SELECT SUM(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES (0.1), (0.2), (0.3)) v(x)",
  );
  expect(rows).toEqual([["0.1"], ["0.3"], ["0.5"]]);
  expect(await session.rows("SELECT SUM(amount), AVG(amount) FROM Amounts WHERE id > 99")).toEqual([
    [null, null],
  ]);
  expect(
    await session.rows("SELECT SUM(DISTINCT x), COUNT(DISTINCT x) FROM (VALUES (1.5), (1.50), (2)) v(x)"),
  ).toEqual([["3.50", 2]]);
});

test("equal numbers of different scales are one key", async () => {
  const { errors } = await session.batch("INSERT Amounts (amount) VALUES (9.00)");
  expect(errors.map(({ number }) => number)).toEqual([2627]);
  expect(await session.rows("SELECT 1.5 UNION SELECT 1.50 UNION SELECT 2")).toEqual([["1.50"], ["2.00"]]);
});

test.each([
  ["SELECT CAST(1000 AS decimal(3,0))", 8115],
  ["SELECT CAST('x' AS decimal(3,0))", 8114],
  ["SELECT CAST('1e2' AS decimal(3,0))", 8114],
  ["SELECT 1.0 / 0", 8134],
  ["SELECT SUM(x) FROM (VALUES (99999999999999999999999999999999999999), (1)) v(x)", 8115],
  ["SELECT 1.5 & 1", 8117],
])("%s fails with %i", async (text, number) => {
  expect((await session.batch(text)).errors.map((error) => error.number)).toEqual([number]);
});

test("parameters, variables, TOP and identities of decimal type keep their digits", async () => {
  const { outputs } = await session.call("sp_executesql", [
    { name: "@s", output: false, type: { name: "nvarchar", length: "max" }, value: "SET @b = @a + 1" },
    {
      name: "@p",
      output: false,
      type: { name: "nvarchar", length: "max" },
      value: "@a numeric(26,10), @b numeric(38,10) OUTPUT",
    },
    {
      name: "@a",
      output: false,
      type: { name: "decimal", precision: 26, scale: 10 },
      value: "1234567890123456.0123456789",
    },
    { name: "@b", output: true, type: { name: "decimal", precision: 38, scale: 10 }, value: null },
  ]);
  expect(outputs["@b"]).toBe("1234567890123457.0123456789");
  const rows = await session.rows(`
    CREATE TABLE Counted (id decimal(18,0) IDENTITY(5, 5) PRIMARY KEY, n int);
    INSERT Counted (n) VALUES (1), (2);
    SET IDENTITY_INSERT Counted ON; INSERT Counted (id, n) VALUES (40, 3); SET IDENTITY_INSERT Counted OFF;
    INSERT Counted (n) VALUES (4);
    DECLARE @n decimal(5,1) = 3.0;
    SELECT TOP (@n) id, SCOPE_IDENTITY(), @@IDENTITY FROM Counted WHERE id >= 10 ORDER BY id`);
  expect(rows).toEqual(["10", "40", "45"].map((id) => [id, "45", "45"]));
});

test("the stored text sorts as the numbers do", () => {
  const number = fc.record({
    digits: fc.bigInt(-(10n ** 38n), 10n ** 38n),
    scale: fc.integer({ min: 0, max: 38 }),
  });
  fc.assert(
    fc.property(number, number, (left, right) => {
      const difference = left.digits * 10n ** BigInt(right.scale) - right.digits * 10n ** BigInt(left.scale);
      const [a, b] = [toStored(left), toStored(right)];
      expect(a < b ? -1 : a > b ? 1 : 0).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
      expect(toStored(fromStored(a))).toBe(a);
    }),
  );
});

test("numbers are read from text", () => {
  expect(parseExact("-.50")).toEqual({ digits: -50n, scale: 2 });
  expect(parseExact("1e-7")).toEqual({ digits: 1n, scale: 7 });
  expect(parseExact("1.5e3")).toEqual({ digits: 1500n, scale: 0 });
  expect([parseExact(""), parseExact("."), parseExact("1,0"), parseExact("1e9999")]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
