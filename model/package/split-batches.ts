import { scanSql } from "./scan-sql.ts";

export interface Batch {
  /** What is sent to the server, line breaks as in the script, without the break before the separator. */
  readonly text: string;
  /** 1-based line of the script on which the batch starts: server line `n` is script line `line + n - 1`. */
  readonly line: number;
  /** How often to run it: the number after `GO`, else 1. */
  readonly count: number;
}

interface Separator {
  /** Where the separator's line starts. */
  readonly start: number;
  /** Where the next line starts. */
  readonly end: number;
  readonly count: number;
}

/**
 * Splits a script the way sqlcmd does: a batch ends at a line holding only `GO` in any case, with optional spaces and
 * tabs, repeat count (up to nine digits), `;` and `--` comment. `GO` inside a literal, a quoted name or a comment is
 * text. Batches of white space alone, and those of `GO 0`, are dropped; so is a byte-order mark. Linear time.
 */
export function splitBatches(script: string): readonly Batch[] {
  const text = script.startsWith("\uFEFF") ? script.slice(1) : script;
  const batches: Batch[] = [];
  let start = 0;
  let line = 1;
  for (const separator of [...findSeparators(text), endOfScript(text)]) {
    const body = text.slice(start, separator.start);
    if (separator.count > 0 && body.trim() !== "") {
      batches.push({ text: withoutLastLineBreak(body, separator), line, count: separator.count });
    }
    line += countLineBreaks(text.slice(start, separator.end));
    start = separator.end;
  }
  return batches;
}

const endOfScript = (text: string): Separator => ({ start: text.length, end: text.length, count: 1 });

function* findSeparators(text: string): Generator<Separator, void> {
  for (const piece of scanSql(text)) {
    if (piece.kind === "code") yield* separatorsInCode(text, piece.start, piece.end);
  }
}

/** Only a line that starts in code can be a separator; its comment may reach beyond this piece of code. */
function* separatorsInCode(text: string, from: number, to: number): Generator<Separator, void> {
  if (from === 0) yield* separatorAt(text, 0);
  const code = text.slice(from, to);
  const lineBreak = /\r\n|\r|\n/g;
  while (lineBreak.test(code)) yield* separatorAt(text, from + lineBreak.lastIndex);
}

function* separatorAt(text: string, start: number): Generator<Separator, void> {
  const goLine = /[ \t]*GO(?:[ \t]+(\d{1,9}))?[ \t]*(?:;[ \t]*)?(?:--[^\r\n]*)?(?:\r\n|\r|\n|$)/iy;
  goLine.lastIndex = start;
  const match = goLine.exec(text);
  if (match !== null) yield { start, end: goLine.lastIndex, count: Number(match[1] ?? 1) };
}

function withoutLastLineBreak(body: string, separator: Separator): string {
  const isLastBatch = separator.start === separator.end;
  return isLastBatch ? body : body.replace(/(?:\r\n|\r|\n)$/, "");
}

/** `\r\n` counts once. */
export function countLineBreaks(text: string): number {
  let count = 0;
  const lineBreak = /\r\n|\r|\n/g;
  while (lineBreak.test(text)) count += 1;
  return count;
}
