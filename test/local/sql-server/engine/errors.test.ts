import { describe, expect, it } from "vitest";
import { openEngine } from "./open-engine.ts";

const SETUP = `
CREATE TABLE dbo.P (id int NOT NULL CONSTRAINT PK_P PRIMARY KEY, code nvarchar(5) NOT NULL CONSTRAINT UQ_P UNIQUE);
CREATE TABLE dbo.C (id int IDENTITY(1,1) CONSTRAINT PK_C PRIMARY KEY, p int NULL CONSTRAINT FK_C REFERENCES dbo.P (id),
  n int NULL CONSTRAINT CK_C CHECK (n > 0), t tinyint NULL);
CREATE UNIQUE INDEX IX_C ON dbo.C (n);
INSERT INTO dbo.P VALUES (1, 'a');
INSERT INTO dbo.C (p, n) VALUES (1, 1);`;

/** Batch, number, severity, line, message. */
const CASES: readonly (readonly [string, number, number, number, string])[] = [
  ["SELECT * FROM Nope", 208, 16, 1, "Invalid object name 'Nope'."],
  ["SELECT\n  nope FROM P", 207, 16, 2, "Invalid column name 'nope'."],
  ["SELECT q.id FROM P", 4104, 16, 1, 'The multi-part identifier "q.id" could not be bound.'],
  ["SELECT id FROM P, C", 209, 16, 1, "Ambiguous column name 'id'."],
  [
    "INSERT INTO P VALUES (1, 'b')",
    2627,
    14,
    1,
    "Violation of PRIMARY KEY constraint 'PK_P'. Cannot insert duplicate key in object 'dbo.P'. The duplicate key value is (1).",
  ],
  [
    "PRINT 'x'\nINSERT INTO P VALUES (2, 'A')",
    2627,
    14,
    2,
    "Violation of UNIQUE KEY constraint 'UQ_P'. Cannot insert duplicate key in object 'dbo.P'. The duplicate key value is (A).",
  ],
  [
    "INSERT INTO C (n) VALUES (1)",
    2601,
    14,
    1,
    "Cannot insert duplicate key row in object 'dbo.C' with unique index 'IX_C'. The duplicate key value is (1).",
  ],
  [
    "INSERT INTO C (p, n) VALUES (9, 2)",
    547,
    16,
    1,
    `The INSERT statement conflicted with the FOREIGN KEY constraint "FK_C". The conflict occurred in database "app", table "dbo.P", column 'id'.`,
  ],
  [
    "INSERT INTO C (n) VALUES (-1)",
    547,
    16,
    1,
    `The INSERT statement conflicted with the CHECK constraint "CK_C". The conflict occurred in database "app", table "dbo.C", column 'n'.`,
  ],
  [
    "DELETE FROM P",
    547,
    16,
    1,
    `The DELETE statement conflicted with the REFERENCE constraint "FK_C". The conflict occurred in database "app", table "dbo.C", column 'p'.`,
  ],
  [
    "INSERT INTO P VALUES (2, NULL)",
    515,
    16,
    1,
    "Cannot insert the value NULL into column 'code', table 'app.dbo.P'; column does not allow nulls. INSERT fails.",
  ],
  [
    "UPDATE P SET code = NULL",
    515,
    16,
    1,
    "Cannot insert the value NULL into column 'code', table 'app.dbo.P'; column does not allow nulls. UPDATE fails.",
  ],
  [
    "INSERT INTO P VALUES (2, 'abcdefg')",
    2628,
    16,
    1,
    "String or binary data would be truncated in table 'app.dbo.P', column 'code'. Truncated value: 'abcde'.",
  ],
  ["CREATE TABLE P (a int)", 2714, 16, 1, "There is already an object named 'P' in the database."],
  [
    "DROP TABLE Nope",
    3701,
    11,
    1,
    "Cannot drop the table 'Nope', because it does not exist or you do not have permission.",
  ],
  ["SELECT 1 +", 102, 15, 1, "Incorrect syntax near '+'."],
  ["SELECT *\nFORM P", 102, 15, 2, "Incorrect syntax near 'FORM'."],
  ["SELECT FROM P", 156, 15, 1, "Incorrect syntax near the keyword 'FROM'."],
  ["SELECT 'abc", 105, 15, 1, "Unclosed quotation mark after the character string 'abc'."],
  ["CREATE TABLE X (a int)\nGO\n", 102, 15, 2, "Incorrect syntax near 'GO'."],
  ["SELECT 1 / 0", 8134, 16, 1, "Divide by zero error encountered."],
  [
    "SELECT CAST('x' AS int)",
    245,
    16,
    1,
    "Conversion failed when converting the varchar value 'x' to data type int.",
  ],
  [
    "SELECT * FROM P WHERE id = 'x'",
    245,
    16,
    1,
    "Conversion failed when converting the varchar value 'x' to data type int.",
  ],
  [
    "SELECT CAST('x' AS datetime)",
    241,
    16,
    1,
    "Conversion failed when converting date and/or time from character string.",
  ],
  [
    "INSERT INTO C (t) VALUES (300)",
    220,
    16,
    1,
    "Arithmetic overflow error for data type tinyint, value = 300.",
  ],
  ["SELECT 2147483647 + 1", 8115, 16, 1, "Arithmetic overflow error converting expression to data type int."],
  ["COMMIT", 3902, 16, 1, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION."],
  ["ROLLBACK TRAN", 3903, 16, 1, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION."],
  ["EXEC dbo.nope", 2812, 16, 1, "Could not find stored procedure 'dbo.nope'."],
  ["SELEC 1", 2812, 16, 1, "Could not find stored procedure 'SELEC'."],
  ["GO", 2812, 16, 1, "Could not find stored procedure 'GO'."],
  ["USE nope", 911, 16, 1, "Database 'nope' does not exist. Make sure that the name is entered correctly."],
  ["RAISERROR('%s: %d', 16, 3, 'a', 7)", 50000, 16, 1, "a: 7"],
  ["\nTHROW 51234, 'own', 2", 51234, 16, 2, "own"],
  ["SELECT @x", 137, 15, 1, 'Must declare the scalar variable "@x".'],
  [
    "INSERT INTO C (id) VALUES (1)",
    544,
    16,
    1,
    "Cannot insert explicit value for identity column in table 'C' when IDENTITY_INSERT is set to OFF.",
  ],
  [
    "INSERT INTO P VALUES (1)",
    213,
    16,
    1,
    "Column name or number of supplied values does not match table definition.",
  ],
  [
    "INSERT INTO P (id, code) VALUES (1)",
    109,
    15,
    1,
    "There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.",
  ],
  ["SELECT NOPE(1)", 195, 15, 1, "'NOPE' is not a recognized built-in function name."],
  [
    "ALTER TABLE Nope ADD a int",
    4902,
    16,
    1,
    'Cannot find the object "Nope" because it does not exist or you do not have permissions.',
  ],
  [
    "ALTER TABLE P DROP COLUMN nope",
    4924,
    16,
    1,
    "ALTER TABLE DROP COLUMN failed because column 'nope' does not exist in table 'P'.",
  ],
  [
    "SELECT 1 WHERE 1",
    4145,
    15,
    1,
    "An expression of non-boolean type specified in a context where a condition is expected, near '1'.",
  ],
  [
    "SELECT id, COUNT(*) FROM P",
    8120,
    16,
    1,
    "Column 'id' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
  ],
  [
    "PRINT 1; CREATE VIEW v AS SELECT 1 AS a",
    111,
    15,
    1,
    "'CREATE VIEW' must be the first statement in a query batch.",
  ],
  [
    "SELECT * FROM P PIVOT (x)",
    40515,
    15,
    1,
    "The stand-in does not support 'PIVOT'. Use --sql to run against a real SQL Server.",
  ],
];

describe("errors have SQL Server's number, severity, line and text", () => {
  it.each(CASES)("%s", async (text, ...[number, severity, line, message]) => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows(SETUP);
    const expected = { number, class: severity, line, message };
    expect((await session.batch(text)).errors[0]).toMatchObject(expected);
    // Once more: what is cached must fail in the same way.
    expect((await session.batch(text)).errors[0]).toMatchObject(expected);
  });
});

describe("logins", () => {
  it("refuses wrong passwords and unknown databases", async () => {
    await using test = await openEngine();
    const facts = { applicationName: "", hostName: "" };
    const wrong = test.engine.login({ user: "sa", password: "x", database: "app", ...facts });
    await expect(wrong).rejects.toMatchObject({ number: 18456, message: "Login failed for user 'sa'." });
    const nowhere = test.engine.login({ user: "sa", password: "secret", database: "nope", ...facts });
    await expect(nowhere).rejects.toMatchObject({ number: 4060 });
  });

  it("takes access tokens that are accepted", async () => {
    await using test = await openEngine({
      acceptAccessToken: (token) => (token === "good" ? "worker" : undefined),
    });
    const request = { user: "", password: "", database: "app", applicationName: "", hostName: "" };
    const session = await test.engine.login({ ...request, accessToken: "good" });
    expect(session.database).toBe("app");
    await expect(test.engine.login({ ...request, accessToken: "bad" })).rejects.toMatchObject({
      number: 18456,
    });
  });
});
