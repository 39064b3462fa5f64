import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngine, type TestEngine, type TestSession } from "./open-engine.ts";

let engine: TestEngine;
let session: TestSession;

beforeAll(async () => {
  engine = await openEngine();
  session = await engine.connect();
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

const NOON = "CAST('2026-03-04T13:05:06.1234567' AS datetime2)";

const expressions: readonly (readonly [expression: string, value: unknown])[] = [
  ["FORMAT(1234.5, 'N2')", "1,234.50"],
  ["FORMAT(-1234567.891, 'N0')", "-1,234,568"],
  ["FORMAT(1234.5, 'C')", "$1,234.50"],
  ["FORMAT(-1, 'C0', 'en-US')", "($1)"],
  ["FORMAT(42, 'D5')", "00042"],
  ["FORMAT(0.1234, 'P1')", "12.3%"],
  ["FORMAT(255, 'x4')", "00ff"],
  ["FORMAT(1.50, 'G')", "1.5"],
  ["FORMAT(7, '000')", "007"],
  ["FORMAT(1234567.5, '#,##0.00')", "1,234,567.50"],
  ["FORMAT(0.5, '0.##')", "0.5"],
  ["FORMAT(-3, '0;(0);zero')", "(3)"],
  ["FORMAT(0, '0;(0);zero')", "zero"],
  ["FORMAT(123456789, '###-##-####')", "123-45-6789"],
  ["FORMAT(1234567890123, '#,#')", "1,234,567,890,123"],
  ["FORMAT(0.256, '0.0% \"done\"')", "25.6% done"],
  ["FORMAT(1.5, 'D')", null],
  ["FORMAT(1, 'Z')", null],
  ["FORMAT(CAST(NULL AS int), 'N')", null],
  [`FORMAT(${NOON}, 'yyyy-MM-dd HH:mm:ss.fff')`, "2026-03-04 13:05:06.123"],
  [`FORMAT(${NOON}, 'd')`, "3/4/2026"],
  [`FORMAT(${NOON}, 'D')`, "Wednesday, March 4, 2026"],
  [`FORMAT(${NOON}, 'ddd d MMM yy h:mm tt')`, "Wed 4 Mar 26 1:05 PM"],
  [`FORMAT(${NOON}, 'yyyyMMdd''T''HHmmss')`, "20260304T130506"],
  ["CONNECTIONPROPERTY('net_transport')", "TCP"],
  ["CONNECTIONPROPERTY('nothing')", null],
  ["@@TEXTSIZE", 4096],
  ["IDENT_CURRENT('nope')", null],
];

test.each(expressions)("%s", async (expression, value) => {
  expect(await session.rows(`SELECT ${expression}`)).toEqual([[value]]);
});

test("@@TEXTSIZE is what was set", async () => {
  const rows = await session.rows("SET TEXTSIZE 64512; SELECT @@TEXTSIZE; SET TEXTSIZE -1");
  expect(rows).toEqual([[64_512]]);
  expect(await session.rows("SELECT @@TEXTSIZE")).toEqual([[2_147_483_647]]);
});

test("IDENT_CURRENT is the seed first, then the last value of any session", async () => {
  await session.batch("CREATE TABLE Counted (id int IDENTITY(5, 5), n int)");
  expect(await session.rows("SELECT IDENT_CURRENT('dbo.Counted')")).toEqual([["5"]]);
  const other = await engine.connect();
  await other.batch("INSERT Counted (n) VALUES (1), (2)");
  expect(await session.rows("SELECT IDENT_CURRENT('Counted')")).toEqual([["10"]]);
  await other.session.close();
});

test("sys.configurations has the settings scripts look at", async () => {
  const rows = await session.rows("SELECT value_in_use FROM sys.configurations WHERE name = 'xp_cmdshell'");
  expect(rows).toEqual([[0]]);
});

test.each([
  ["SELECT FORMAT(1.5, 'N', 'de-DE')", 40515, /culture 'de-DE'/],
  ["SELECT FORMAT('1', 'N')", 8116, /varchar/],
  ["SELECT * FROM sys.messages", 40515, /sys\.messages/],
  ["SELECT * FROM sys.dm_exec_requests", 40515, /sys\.dm_exec_requests/],
  ["SELECT * FROM sys.nope", 208, /sys\.nope/],
  ["SELECT * FROM OPENROWSET('a', 'b', 'c')", 40515, /OPENROWSET/],
  ["SELECT * FROM OPENQUERY(a, 'b')", 40515, /OPENQUERY/],
] as const)("%s is refused by name", async (text, number, message) => {
  const { errors } = await session.batch(text);
  expect(errors).toMatchObject([{ number, message: expect.stringMatching(message) as string }]);
});
