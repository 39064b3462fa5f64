import { maskSql } from "./mask-sql.ts";
import { type Batch, countLineBreaks, splitBatches } from "./split-batches.ts";
import { name, wordEnd, wordStart } from "./sql-words.ts";
import { mayStripTransactions, stripTransactions } from "./strip-transactions.ts";

/** A statement that a trial could not take back. */
export interface Unrollable {
  /** Its first words, in upper case, one space between them. */
  readonly statement: string;
  /** 1-based, in the script. */
  readonly line: number;
  /** refused: SQL Server does not run it in a transaction · ends: it ends the trial's own transaction. */
  readonly why: "refused" | "ends";
}

/**
 * What SQL Server answers with an error inside a transaction (Transact-SQL reference: "Transact-SQL statements not
 * allowed in transactions", and each statement's own page). ALTER DATABASE has relatives that are allowed.
 */
const notInTransactions = [
  String.raw`(?:CREATE|ALTER|DROP)\s+DATABASE(?!\s+(?:AUDIT|ENCRYPTION|SCOPED))`,
  String.raw`(?:CREATE|ALTER|DROP)\s+FULLTEXT\s+(?:CATALOG|INDEX|STOPLIST)`,
  String.raw`BACKUP\s+(?:DATABASE|LOG)`,
  String.raw`RESTORE\s+(?:DATABASE|LOG)`,
  "RECONFIGURE",
  String.raw`DBCC\s+SHRINK(?:DATABASE|FILE)`,
  String.raw`sp_fulltext_(?:catalog|column|database|service|table)`,
];

/** A name after ROLLBACK TRAN can only be a savepoint's: the trial's own transaction has none. */
const endsTransaction = [
  String.raw`COMMIT(?:\s+(?:TRAN(?:SACTION)?|WORK))?`,
  String.raw`(?<!WITH\s{1,20})ROLLBACK(?:\s+WORK|\s+TRAN(?:SACTION)?${wordEnd}(?!\s+${name}|\s*[["])|(?!\s+TRAN))`,
];

const unrollable = toPattern([
  `(?<refused>${notInTransactions.join("|")})`,
  `(?<ends>${endsTransaction.join("|")})`,
]);

/** A module's text is not run by its definition, and its definition stands alone in its batch. */
const moduleDefinition = toPattern([
  String.raw`^\s*(?:CREATE|ALTER)(?:\s+OR\s+ALTER)?\s+(?:PROC|PROCEDURE|FUNCTION|TRIGGER|VIEW)`,
]);

function toPattern(alternatives: readonly string[]): RegExp {
  return new RegExp(`${wordStart}(?:${alternatives.join("|")})${wordEnd}`, "giu");
}

/**
 * The statements of a script for which a trial's promise, that nothing stays, would not hold: those that SQL Server
 * refuses in a transaction, and COMMIT and ROLLBACK unless the script has them stripped. Only what stands in the text:
 * not what the script calls or builds as a string (that the worker notices, when it happens).
 */
export function findUnrollable(
  script: { readonly fileName: string; readonly stripTransactionText: boolean },
  text: string,
): readonly Unrollable[] {
  const isStripped = script.stripTransactionText && mayStripTransactions(script.fileName);
  return splitBatches(isStripped ? stripTransactions(text) : text).flatMap(findInBatch);
}

function findInBatch(batch: Batch): readonly Unrollable[] {
  const masked = maskSql(batch.text);
  if (masked.search(moduleDefinition) !== -1) return [];
  const found: Unrollable[] = [];
  let line = batch.line;
  let counted = 0;
  for (const { 0: words, index, groups } of masked.matchAll(unrollable)) {
    line += countLineBreaks(masked.slice(counted, index));
    counted = index;
    const why = groups?.["refused"] === undefined ? "ends" : "refused";
    found.push({ statement: words.replaceAll(/\s+/g, " ").toUpperCase(), line, why });
  }
  return found;
}
