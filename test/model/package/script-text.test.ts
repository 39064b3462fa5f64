import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskSql } from "../../../model/package/mask-sql.ts";
import { scanSql } from "../../../model/package/scan-sql.ts";
import { toScriptDatabase } from "../../../model/package/script-database.ts";
import {
  mayStripTransactions,
  stripTransactions,
  stripUse,
} from "../../../model/package/strip-transactions.ts";
import { replaceTokens } from "../../../model/package/tokens.ts";

const anySql = fc.string({
  unit: fc.constantFrom(
    "'",
    '"',
    "[",
    "]",
    "/*",
    "*/",
    "--",
    "\n",
    "\r\n",
    " ",
    "BEGIN TRAN",
    "COMMIT",
    "USE x",
    "a",
  ),
});
const countLines = (text: string): number => text.split(/\r\n|\r|\n/).length;
const noOperation = "BEGIN IF 1=0 PRINT '' END";

describe("scanSql", () => {
  it("covers any text without a gap", () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        const pieces = [...scanSql(sql)];
        expect(pieces.map(({ start, end }) => sql.slice(start, end)).join("")).toBe(sql);
        expect(maskSql(sql)).toHaveLength(sql.length);
      }),
    );
  });
});

describe("stripTransactions", () => {
  it.each([
    "BEGIN TRAN",
    "begin  transaction",
    "BEGIN /* now */ TRAN",
    "BEGIN TRAN t1",
    "BEGIN TRAN größe",
    "BEGIN TRANSACTION [a]]b] WITH MARK N'it''s'",
    "BEGIN DISTRIBUTED TRAN",
    "COMMIT",
    "COMMIT WORK",
    "COMMIT TRAN @name",
    "COMMIT TRANSACTION t WITH (DELAYED_DURABILITY = ON)",
    "ROLLBACK",
    "ROLLBACK TRAN sp1",
    'SAVE TRANSACTION "sp1"',
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
  ])("removes '%s'", (statement) => {
    expect(stripTransactions(`${statement};SELECT 1`)).toBe(";SELECT 1");
    expect(stripTransactions(`SELECT 1;\n${statement}`)).toBe("SELECT 1;\n");
  });

  it.each([
    "SELECT 'COMMIT'",
    "-- COMMIT TRAN",
    "/* BEGIN TRAN */",
    'SELECT [commit], "rollback", @commit, #commit, commit_date',
    "BEGIN TRY SELECT 1 END TRY",
    "ALTER DATABASE x SET SINGLE_USER WITH ROLLBACK IMMEDIATE",
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SELECT @@TRANCOUNT",
  ])("leaves '%s' alone", (sql) => {
    expect(stripTransactions(sql)).toBe(sql);
  });

  it("does not let an IF govern the next statement instead", () => {
    expect(stripTransactions("IF @@ERROR <> 0 ROLLBACK TRAN\nINSERT t VALUES (1)")).toBe(
      `IF @@ERROR <> 0 ${noOperation}\nINSERT t VALUES (1)`,
    );
  });

  it("does not take the next statement for the transaction's name", () => {
    expect(stripTransactions("BEGIN TRAN\nINSERT t VALUES (1)\nCOMMIT TRAN\nGO")).toBe(
      `\nINSERT t VALUES (1)\n${noOperation}\nGO`,
    );
  });

  it("leaves nothing to send of batches that are all transaction statements", () => {
    const script =
      "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE\nBEGIN TRAN -- x\nGO\nCREATE VIEW v AS SELECT 1 a\nGO 2\nCOMMIT";
    expect(stripTransactions(script)).toBe("\n -- x\nGO\nCREATE VIEW v AS SELECT 1 a\nGO 2\n");
  });
});

describe("stripUse", () => {
  it("removes USE with the database's name", () => {
    expect(stripUse("USE [my db];\r\nGO\r\nuse x -- there\r\nSELECT 1")).toBe(
      ";\r\nGO\r\n -- there\r\nSELECT 1",
    );
  });

  it.each([
    "SELECT 1 OPTION (USE HINT ('X'))",
    "OPTION (USE PLAN N'<x/>')",
    "EXEC('USE x')",
    "-- USE x",
    "@use x",
    "éUSE x",
  ])("leaves '%s' alone", (sql) => {
    expect(stripUse(sql)).toBe(sql);
  });
});

describe("stripping, for any script", () => {
  it("keeps line numbers, and finds nothing the second time", () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        const stripped = stripUse(stripTransactions(sql));
        expect(countLines(stripped)).toBe(countLines(sql));
        expect(stripUse(stripTransactions(stripped))).toBe(stripped);
      }),
    );
  });
});

describe("mayStripTransactions", () => {
  it("says no to procedures, functions and triggers, as sbm does", () => {
    expect(["a.sql", "a.prc.sql", "a.PRC", "b.udf", "c.TRG"].map(mayStripTransactions)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("replaceTokens", () => {
  const values = {
    buildDescription: `Bob's $& ]*/ \r\n"x"`,
    buildPackageHash: "ABC",
    buildFileName: "r.sbm",
  };

  it("replaces every token in any case", () => {
    expect(replaceTokens("#buildpackagehash# #BUILDFILENAME# #BuildFileName# #Build#", values)).toBe(
      "ABC r.sbm r.sbm #Build#",
    );
  });

  it.each([
    ["'#BuildDescription#'", `'Bob''s $& ]*/  "x"'`],
    ["[#BuildDescription#]", `[Bob's $& ]]*/  "x"]`],
    ['"#BuildDescription#"', `"Bob's $& ]*/  ""x"""`],
    ["-- #BuildDescription#", `-- Bob's $& ]*/  "x"`],
    ["/* #BuildDescription# */", `/* Bob's $& ]* /  "x" */`],
  ])("cannot break out of %s", (sql, expected) => {
    expect(replaceTokens(sql, values)).toBe(expected);
  });
});

describe("toScriptDatabase", () => {
  const pairs = [
    { default: "Client", override: "db1" },
    { default: "Audit", override: "db2" },
  ];
  const databaseOf = (database: string, from = pairs) =>
    toScriptDatabase({ fileName: "a.sql", database }, from);

  it("takes the pair of the same default in any case, the first for none", () => {
    expect(databaseOf("AUDIT")).toEqual({ ok: true, value: "db2" });
    expect(databaseOf(" ")).toEqual({ ok: true, value: "db1" });
  });

  it("takes a pair without a default for any other", () => {
    const withAny = [...pairs, { default: "", override: "db3" }];
    expect(databaseOf("other", withAny)).toEqual({ ok: true, value: "db3" });
    expect(databaseOf("client", withAny)).toEqual({ ok: true, value: "db1" });
  });

  it("refuses what the target does not map", () => {
    expect(databaseOf("other")).toEqual({
      ok: false,
      failures: [
        {
          code: "ScriptWithoutDatabase",
          message: "Script 'a.sql' is for database 'other'; the target has 'Client', 'Audit'.",
          entry: "a.sql",
        },
      ],
    });
  });
});
