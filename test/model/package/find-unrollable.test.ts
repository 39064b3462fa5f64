import { describe, expect, it } from "vitest";
import { findUnrollable } from "../../../model/package/find-unrollable.ts";

const find = (text: string, script: { fileName?: string; stripTransactionText?: boolean } = {}) =>
  findUnrollable({ fileName: "a.sql", stripTransactionText: false, ...script }, text);

describe("findUnrollable", () => {
  it.each([
    ["CREATE DATABASE x", "CREATE DATABASE"],
    ["alter  database [x] SET READ_ONLY WITH ROLLBACK IMMEDIATE", "ALTER DATABASE"],
    ["IF 1 = 1 DROP\tDATABASE x", "DROP DATABASE"],
    ["BACKUP DATABASE x TO DISK = N'x.bak'", "BACKUP DATABASE"],
    ["RESTORE LOG x FROM DISK = N'x.trn'", "RESTORE LOG"],
    ["EXEC sp_configure N'x', 1; RECONFIGURE;", "RECONFIGURE"],
    ["CREATE FULLTEXT INDEX ON dbo.T (C) KEY INDEX PK", "CREATE FULLTEXT INDEX"],
    ["EXEC sp_fulltext_database N'enable'", "SP_FULLTEXT_DATABASE"],
    ["DBCC SHRINKFILE (1)", "DBCC SHRINKFILE"],
  ])("finds %s", (text, statement) => {
    expect(find(text)).toEqual([{ statement, line: 1, why: "refused" }]);
  });

  it.each([
    ["COMMIT", "COMMIT"],
    ["COMMIT;", "COMMIT"],
    ["COMMIT TRAN", "COMMIT TRAN"],
    ["COMMIT TRANSACTION mine", "COMMIT TRANSACTION"],
    ["COMMIT WORK", "COMMIT WORK"],
    ["IF @@TRANCOUNT > 0 ROLLBACK", "ROLLBACK"],
    ["ROLLBACK TRAN;", "ROLLBACK TRAN"],
    ["ROLLBACK TRANSACTION\n;", "ROLLBACK TRANSACTION"],
    ["ROLLBACK WORK", "ROLLBACK WORK"],
    ["ROLLBACK TRAN\nSELECT 1", "ROLLBACK TRAN"],
    ["ROLLBACK SELECT 1", "ROLLBACK"],
  ])("finds %s, which ends the trial's transaction", (text, statement) => {
    expect(find(text)).toEqual([{ statement, line: 1, why: "ends" }]);
  });

  it.each([
    "SELECT 'COMMIT', \"COMMIT\", [DROP DATABASE] -- CREATE DATABASE x",
    "/* RECONFIGURE /* nested */ COMMIT */ SELECT 1",
    "SELECT CommitDate, @commit, #commit, Commit_ FROM dbo.T",
    "SAVE TRAN before; ROLLBACK TRAN before",
    "ROLLBACK TRANSACTION [before]",
    "ROLLBACK TRAN @before",
    "BEGIN TRANSACTION",
    "ALTER DATABASE SCOPED CONFIGURATION SET MAXDOP = 1",
    "CREATE DATABASE SCOPED CREDENTIAL c WITH IDENTITY = 'x'",
    "SELECT DATABASEPROPERTYEX(N'x', N'Status')",
    "CREATE PROCEDURE dbo.P AS BEGIN TRAN; COMMIT;",
    "-- about\ncreate or alter trigger dbo.T on dbo.X after insert as rollback",
    "CREATE TABLE dbo.Backup_Database (Reconfigure_ int)",
  ])("passes over %s", (text) => {
    expect(find(text)).toEqual([]);
  });

  it("names each with its line in the script, batch after batch", () => {
    const text =
      "SELECT 1\nGO\nCREATE PROC p AS COMMIT\nGO\n\nBEGIN TRAN\n  COMMIT\nDROP DATABASE x\r\nCOMMIT";
    expect(find(text).map(({ statement, line }) => `${line} ${statement}`)).toEqual([
      "7 COMMIT",
      "8 DROP DATABASE",
      "9 COMMIT",
    ]);
  });

  it("sees what is left after stripping", () => {
    const text = "BEGIN TRAN\nCOMMIT\nDROP DATABASE x";
    expect(find(text, { stripTransactionText: true })).toEqual([
      { statement: "DROP DATABASE", line: 3, why: "refused" },
    ]);
    // sbm never strips the files of modules.
    expect(find(text, { stripTransactionText: true, fileName: "a.PRC" })).toHaveLength(2);
  });

  it.each(["COMMIT\n", "ROLLBACK TRAN ", "WITH ", "CREATE ", "DROP  ", "GO\nCOMMIT\n", "'COMMIT' "])(
    "comes to an end for very many %j: what is not linear runs into the test's time limit",
    (piece) => {
      expect(() => find(piece.repeat(160_000))).not.toThrow();
    },
  );
});
