import { mayStripTransactions } from "./strip-transactions.ts";

/*
 * sbm's own way to cut a script, oddities included, because its hashes are taken over the pieces. Never used to run
 * anything: split-batches.ts is. Facts: SqlBuildHelper.ReadBatchFromScriptText of SQL Build Manager.
 */

export interface LegacyScript {
  readonly fileName: string;
  readonly text: string;
  readonly stripTransactionText: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The pieces sbm would send, in order; at least one, which may be empty. Each keeps the CRLF before its `GO`, only the
 * last one loses one CRLF. A script without `GO` keeps its USE and transaction statements.
 */
export function splitLegacyBatches(script: LegacyScript): readonly string[] {
  const text = script.text.replaceAll(/(?<!\r)\n/g, "\r\n");
  const separators = findSeparators(text);
  if (separators.length === 0) return [withoutLastLineBreak(text)];
  const strip = script.stripTransactionText && mayStripTransactions(script.fileName);
  return cutAt(text, separators).map((batch) => removeUse(strip ? removeTransactions(batch) : batch));
}

function cutAt(text: string, separators: readonly Range[]): readonly string[] {
  const batches: string[] = [];
  let start = 0;
  for (const separator of separators) {
    batches.push(text.slice(start, Math.max(start, separator.start)).replace(/[ \t]+$/, ""));
    start = startAfter(text, separator);
  }
  batches.push(withoutLastLineBreak(text.slice(start)));
  if (batches.at(-1)?.trim() === "") batches.pop();
  const last = batches.pop() ?? "";
  return [...batches, /GO$/i.test(text.trim()) ? withoutLastLineBreak(last) : last];
}

/** sbm skips two characters after `GO` and its spaces, whatever they are; on the first line, the real line break. */
function startAfter(text: string, separator: Range): number {
  if (separator.start > 2) return separator.end + 2;
  const lineBreak = text.indexOf("\n", separator.end);
  return lineBreak === -1 ? text.length : lineBreak + 1;
}

function findSeparators(text: string): readonly Range[] {
  const comments = findComments(text);
  const separators: Range[] = [];
  for (const match of text.matchAll(/(?<=^|\n) *GO */gi)) {
    const range = { start: match.index, end: match.index + match[0].length };
    if (isRestBlank(text, range.end) && !isInComment(comments, range.start)) separators.push(range);
  }
  return separators;
}

/** On a last line without a line break sbm does not look at the rest: there `GO 5` separates, and `5` is a batch. */
function isRestBlank(text: string, from: number): boolean {
  const lineBreak = text.indexOf("\n", from);
  return lineBreak === -1 || text.slice(from, lineBreak).trim() === "";
}

interface Comments {
  readonly lines: readonly Range[];
  readonly blocks: readonly Range[];
}

/** `--` to the end of its line and slash-star to the next star-slash, wherever they stand: strings are not seen. */
function findComments(text: string): Comments {
  const lines = Array.from(text.matchAll(/--[^\n]*\n/g), ({ index, 0: found }) => toRange(index, found));
  const blocks: Range[] = [];
  let start = text.indexOf("/*");
  while (start !== -1) {
    // At least one character lies between the marks: sbm does not see the end of an empty comment.
    const end = text.indexOf("*/", start + 3);
    if (end === -1) break;
    blocks.push({ start, end: end + 2 });
    start = text.indexOf("/*", end + 2);
  }
  return { lines, blocks };
}

const toRange = (start: number, found: string): Range => ({ start, end: start + found.length });

function isInComment({ lines, blocks }: Comments, index: number): boolean {
  const line = lastStartingBefore(lines, index);
  const block = lastStartingBefore(blocks, index);
  return (line !== undefined && index < line.end) || (block !== undefined && index <= block.end);
}

/** By halving: the ranges are in order and do not overlap. */
function lastStartingBefore(ranges: readonly Range[], index: number): Range | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range !== undefined && range.start < index) low = middle + 1;
    else high = middle;
  }
  return ranges[low - 1];
}

function removeTransactions(batch: string): string {
  return [
    /\b(?:BEGIN|ROLLBACK|COMMIT) TRANSACTION\b/gi,
    /\b(?:BEGIN|ROLLBACK|COMMIT) TRAN\b/gi,
    /\bCOMMIT\b/gi,
    /\bSET TRANSACTION ISOLATION LEVEL SERIALIZABLE\b/gi,
  ].reduce(removeOutsideComments, batch);
}

const removeUse = (batch: string): string => removeOutsideComments(batch, /(?<=^|\n) *\buse\b +\S+ */gi);

function removeOutsideComments(batch: string, statement: RegExp): string {
  if (batch.search(statement) === -1) return batch;
  const comments = findComments(batch);
  return batch.replaceAll(statement, (found, index: number) => (isInComment(comments, index) ? found : ""));
}

const withoutLastLineBreak = (text: string): string => text.replace(/\r?\n$/, "");
