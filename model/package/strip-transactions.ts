import { maskSql } from "./mask-sql.ts";
import { name, wordEnd, wordStart } from "./sql-words.ts";

/**
 * Takes the place of a removed statement that may be the body of an IF, an ELSE or a BEGIN…END: with nothing there the
 * batch would not parse or, worse, the IF would govern the next statement.
 */
const noOperation = "BEGIN IF 1=0 PRINT '' END";

const tran = String.raw`\s+TRAN(?:SACTION)?${wordEnd}(?:\s+${name}|\s*(?=[["])${name})?`;
const mark = String.raw`(?:\s+WITH\s+MARK${wordEnd}(?:\s*N?'[^']*')?)?`;
const durability = String.raw`(?:\s+WITH\s*\(\s*DELAYED_DURABILITY\s*=\s*(?:ON|OFF)\s*\))?`;
const isolation = String.raw`SET\s+TRANSACTION\s+ISOLATION\s+LEVEL\s+SERIALIZABLE`;

const transactionStatement = new RegExp(
  `${wordStart}(?:` +
    [
      String.raw`BEGIN(?:\s+DISTRIBUTED)?${tran}${mark}`,
      String.raw`COMMIT${wordEnd}(?:${tran}|\s+WORK${wordEnd})?${durability}`,
      // ALTER DATABASE … WITH ROLLBACK IMMEDIATE is no transaction statement.
      String.raw`(?<!WITH\s{1,20})ROLLBACK${wordEnd}(?:${tran}|\s+WORK${wordEnd})?`,
      String.raw`SAVE${tran}`,
      isolation + wordEnd,
    ].join("|") +
    ")",
  "giu",
);

// Query hints are the only other place for the word: OPTION (USE HINT (…)), OPTION (USE PLAN N'…').
const useStatement = new RegExp(
  String.raw`${wordStart}USE(?:\s+(?!(?:HINT|PLAN)${wordEnd})[\p{L}_#][\p{L}\p{N}_@#$]*|\s*(?:\[[^\]]*\]|"[^"]*"))`,
  "giu",
);

/**
 * The text without BEGIN/COMMIT/ROLLBACK/SAVE TRAN[SACTION], bare COMMIT and ROLLBACK, and SET TRANSACTION ISOLATION
 * LEVEL SERIALIZABLE, outside comments and literals. Lines keep their numbers. For one batch or a whole script.
 */
export function stripTransactions(sql: string): string {
  return removeStatements(sql, transactionStatement);
}

/** The text without `USE x`: the target's pairs decide the database, not the script. Lines keep their numbers. */
export function stripUse(sql: string): string {
  return removeStatements(sql, useStatement);
}

/** sbm never strips these, whatever the flag says: a procedure's own transactions are part of its definition. */
export function mayStripTransactions(fileName: string): boolean {
  return !/\.(?:prc|udf|trg)$/i.test(fileName);
}

function removeStatements(sql: string, statement: RegExp): string {
  const masked = maskSql(sql);
  let kept = "";
  let at = 0;
  let wasAlone = true;
  for (const match of masked.matchAll(statement)) {
    const code = masked.slice(at, match.index).trimEnd();
    wasAlone = code === "" ? wasAlone : endsStatement.test(code);
    const lineBreaks = match[0].replaceAll(/[^\r\n]/g, "");
    kept += sql.slice(at, match.index) + (wasAlone ? "" : noOperation) + lineBreaks;
    at = match.index + match[0].length;
  }
  return kept + sql.slice(at);
}

/** After a semicolon or a `GO` nothing can depend on the next statement: it may go without a trace. */
const endsStatement = /(?:;|(?:^|[\r\n])[ \t]*GO(?:[ \t]+\d{1,9})?)$/i;
