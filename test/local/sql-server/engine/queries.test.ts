import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SqlValue } from "../../../../local/sql-server/session.ts";
import { openEngine, type TestEngine, type TestSession } from "./open-engine.ts";

let test: TestEngine;
let session: TestSession;

beforeAll(async () => {
  test = await openEngine({ now: () => new Date("2026-03-04T05:06:07.123Z") });
  session = await test.connect();
  await session.rows(`CREATE TABLE Dept (id int PRIMARY KEY, name varchar(20));
    CREATE TABLE Emp (id int PRIMARY KEY, dept int NULL, name varchar(20), pay decimal(9,2));
    INSERT Dept VALUES (1,'Sales'),(2,'Tools'),(3,'Empty');
    INSERT Emp VALUES (1,1,'ann',10.50),(2,1,'Bob',20),(3,2,'cid',5.25),(4,NULL,'dan',1);`);
});

afterAll(async () => {
  await test[Symbol.asyncDispose]();
});

const QUERIES: readonly (readonly [string, readonly (readonly SqlValue[])[]])[] = [
  ["SELECT name FROM Emp WHERE name = 'BOB '", [["Bob"]]],
  ["SELECT TOP 2 name FROM Emp ORDER BY name DESC", [["dan"], ["cid"]]],
  [
    "SELECT 'abc\\\ndef', N'a\\\\\r\n\r\nb', 'c\\d', CONVERT(int, 0x0\\\n1)",
    [["abcdef", "a\\\r\nb", "c\\d", 1]],
  ],
  ["SELECT TOP (1) WITH_ALIAS.name FROM Emp AS WITH_ALIAS (NOLOCK) ORDER BY 1", [["ann"]]],
  [
    "SELECT d.name, COUNT(e.id) AS n, SUM(e.pay) FROM Dept d LEFT JOIN Emp e ON e.dept = d.id GROUP BY d.name HAVING COUNT(*) > 0 ORDER BY n DESC, d.name",
    [
      ["Sales", 2, "30.50"],
      ["Tools", 1, "5.25"],
      ["Empty", 0, null],
    ],
  ],
  ["SELECT name FROM Dept d WHERE NOT EXISTS (SELECT 1 FROM Emp WHERE dept = d.id)", [["Empty"]]],
  ["SELECT name FROM Emp WHERE dept IN (SELECT id FROM Dept WHERE name LIKE '[st]ools')", [["cid"]]],
  ["SELECT name FROM Emp WHERE name LIKE '_[^n]%' AND pay BETWEEN 5 AND 30 ORDER BY id", [["Bob"], ["cid"]]],
  ["SELECT name FROM Emp ORDER BY id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY", [["Bob"], ["cid"]]],
  ["SELECT 1 AS a UNION SELECT 2 UNION SELECT 1 ORDER BY a DESC", [[2], [1]]],
  ["SELECT COUNT(*) FROM (SELECT 'a' AS x UNION SELECT 'A') u", [[1]]],
  ["SELECT id FROM Emp EXCEPT SELECT id FROM Dept", [[4]]],
  [
    "WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT SUM(i), MAX(i) FROM n",
    [[10, 4]],
  ],
  ["SELECT x.a, x.b FROM (VALUES (1,'p'),(2,'q')) AS x(a,b) WHERE x.a > 1", [[2, "q"]]],
  ["SELECT (SELECT COUNT(*) FROM Emp), CASE WHEN 1 = 2 THEN 'a' ELSE 'bb' END", [[4, "bb"]]],
  ["SELECT COUNT_BIG(*) FROM Emp", [[4n]]],
  ["SELECT DISTINCT dept FROM Emp ORDER BY dept", [[null], [1], [2]]],
  [
    "SELECT ROW_NUMBER() OVER (PARTITION BY dept ORDER BY name), name FROM Emp WHERE dept = 1",
    [
      [1n, "ann"],
      [2n, "Bob"],
    ],
  ],
  ["SELECT STRING_AGG(name, ',') WITHIN GROUP (ORDER BY name DESC) FROM Emp WHERE dept = 1", [["Bob,ann"]]],
  [
    "SELECT a.name, b.name FROM Emp a RIGHT JOIN Dept b ON a.dept = b.id WHERE a.id IS NULL",
    [[null, "Empty"]],
  ],
  ["SELECT COUNT(*) FROM Emp CROSS JOIN Dept", [[12]]],
  [
    "SELECT [Emp].[name] 'n', \"id\" FROM dbo.Emp WHERE id = 1 -- comment\n/* a /* nested */ one */",
    [["ann", 1]],
  ],
  ["SELECT 7 / 2, 7.0 / 2, 7 % 4, -7 / 2, 1e0 / 4", [[3, "3.500000", 3, -3, 0.25]]],
  ["SELECT 'a' + N'b', 'n' + CAST(5 AS varchar), '5' + 5, CONCAT('x', NULL, 3)", [["ab", "n5", 10, "x3"]]],
];

describe("queries", () => {
  it.each(QUERIES)("%s", async (text, rows) => {
    expect(await session.rows(text)).toEqual(rows);
  });
});

const FUNCTIONS: readonly (readonly [string, SqlValue])[] = [
  ["ISNULL(NULL, 5)", 5],
  ["COALESCE(NULL, NULL, 'x')", "x"],
  ["NULLIF(1, 1)", null],
  ["LEN('abc  ')", 3],
  ["DATALENGTH(N'abc')", 6],
  ["SUBSTRING('hello', 2, 3)", "ell"],
  ["LEFT('hello', 2) + RIGHT('hello', 2)", "helo"],
  ["LTRIM('  x ') + '|' + RTRIM(' y  ') + TRIM(' z ')", "x | yz"],
  ["UPPER('aé') + LOWER('B')", "AÉb"],
  ["REPLACE('abcABC', 'B', '-')", "a-cA-C"],
  ["CHARINDEX('L', 'hello')", 3],
  ["PATINDEX('%l[lo]%', 'hello')", 3],
  ["REPLICATE('ab', 2)", "abab"],
  ["STUFF('abcdef', 2, 3, 'X')", "aXef"],
  ["CONCAT_WS('-', 'a', NULL, 'b')", "a-b"],
  ["QUOTENAME('a]b')", "[a]]b]"],
  ["CONVERT(varchar(10), GETDATE(), 120)", "2026-03-04"],
  ["CONVERT(varchar(30), GETUTCDATE(), 126)", "2026-03-04T05:06:07.123"],
  ["CONVERT(varchar(30), SYSUTCDATETIME(), 121)", "2026-03-04 05:06:07.1230000"],
  ["CAST(GETDATE() AS varchar(30))", "Mar  4 2026  5:06AM"],
  ["CONVERT(varchar(8), CAST('2020-01-02' AS date), 112)", "20200102"],
  ["CONVERT(char(5), 'ab')", "ab   "],
  ["TRY_CAST('x' AS int)", null],
  ["TRY_CONVERT(int, '12')", 12],
  ["CAST(1.555 AS decimal(9,2))", "1.56"],
  ["CAST(2.9 AS int)", 2],
  ["CAST('2026-01-31' AS datetime) + 1", { milliseconds: Date.UTC(2026, 1, 1), hundredNanoseconds: 0 }],
  ["DATEADD(month, 1, '2026-01-31')", { milliseconds: Date.UTC(2026, 1, 28), hundredNanoseconds: 0 }],
  ["DATEDIFF(day, '2026-01-01', '2026-03-01')", 59],
  ["DATEPART(weekday, '2026-03-04')", 4],
  ["DATENAME(month, '2026-03-04')", "March"],
  ["YEAR('2026-03-04') * 100 + MONTH('2026-03-04')", 202603],
  ["ABS(-3) + FLOOR(2.7) + CEILING(2.1)", "8"],
  ["ROUND(2.345, 2)", "2.350"],
  ["POWER(2, 10)", 1024],
  ["IIF(2 > 1, 'y', 'n')", "y"],
  ["CHOOSE(2, 'a', 'b')", "b"],
  ["ISNUMERIC('1.5e3') + ISNUMERIC('abc')", 1],
  ["DB_NAME()", "app"],
  ["@@SERVERNAME", "test-server"],
  ["SERVERPROPERTY('ServerName')", "test-server"],
  ["SERVERPROPERTY('EngineEdition')", 3],
  ["DATABASEPROPERTYEX('app', 'Updateability')", "READ_WRITE"],
  ["HAS_PERMS_BY_NAME(NULL, 'DATABASE', 'CREATE TABLE')", 1],
  ["SUSER_SNAME() + APP_NAME() + HOST_NAME() + USER_NAME()", "satestsheredbo"],
  ["OBJECT_ID('nope')", null],
  ["OBJECT_NAME(OBJECT_ID('[dbo].[Emp]'))", "Emp"],
  ["COL_LENGTH('dbo.Emp', 'name')", 20],
  ["COL_LENGTH('Emp', 'nope')", null],
  ["CONVERT(varchar(40), HASHBYTES('SHA1', 'abc'), 2)", "A9993E364706816ABA3E25717850C26C9CD0D89D"],
  ["CAST(0x616263 AS varchar(3))", "abc"],
  ["XACT_STATE()", 0],
];

describe("functions", () => {
  it.each(FUNCTIONS)("%s", async (expression, value) => {
    expect(await session.rows(`SELECT ${expression}`)).toEqual([[value]]);
  });
});

describe("the types of results", () => {
  it("are those of the columns", async () => {
    await session.rows(`CREATE TABLE Types (a bigint, b bit, c float, d decimal(20,4), e money, f char(4), g nvarchar(max),
      h varbinary(8), i date, j time(3), k datetime, l datetime2(3), m datetimeoffset, n uniqueidentifier, o smalldatetime)`);
    await session.rows(`INSERT Types VALUES (9007199254740993, 1, 1.5, 12345678.1234, 1.5, 'ab', N'ünï', 0x0102, '2026-05-06',
      '07:08:09.123', '2026-05-06 07:08:09.126', '2026-05-06T07:08:09.1239', '2026-05-06 07:08:09 +02:00',
      '6f9619ff-8b86-d011-b42d-00c04fc964ff', '2026-05-06 07:08:31')`);
    const answer = await session.batch("SELECT * FROM Types");
    expect(answer.columns[0]?.map(({ type }) => type.name).join(" ")).toBe(
      "bigint bit float decimal money char nvarchar varbinary date time datetime datetime2 datetimeoffset uniqueidentifier smalldatetime",
    );
    const day = Date.UTC(2026, 4, 6);
    const time = ((7 * 60 + 8) * 60 + 9) * 1000;
    expect(answer.sets[0]).toEqual([
      [
        9007199254740993n,
        true,
        1.5,
        "12345678.1234",
        "1.5000",
        "ab  ",
        "ünï",
        new Uint8Array([1, 2]),
        { milliseconds: day, hundredNanoseconds: 0 },
        { milliseconds: time + 123, hundredNanoseconds: 0 },
        { milliseconds: day + time + 127, hundredNanoseconds: 0 },
        { milliseconds: day + time + 124, hundredNanoseconds: 0 },
        { milliseconds: day + time - 7_200_000, hundredNanoseconds: 0, offsetMinutes: 120 },
        "6F9619FF-8B86-D011-B42D-00C04FC964FF",
        { milliseconds: day + time - 9000 + 60_000, hundredNanoseconds: 0 },
      ],
    ]);
  });
});
