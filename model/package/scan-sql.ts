/**
 * A stretch of T-SQL: either `code`, or something whose content is not code. `start` is inclusive, `end` exclusive,
 * both in UTF-16 units.
 */
export interface SqlPiece {
  readonly kind: "code" | "string" | "quotedName" | "bracketedName" | "lineComment" | "blockComment";
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts T-SQL into pieces that follow each other without a gap, in linear time. Quotes are doubled to escape them
 * (`''`, `""`, `]]`), block comments nest, and whatever is left open runs to the end of the text.
 */
export function* scanSql(text: string): Generator<SqlPiece, void> {
  const opening = /'|"|\[|--|\/\*/g;
  let codeStart = 0;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const start = match.index;
    if (start > codeStart) yield { kind: "code", start: codeStart, end: start };
    const piece = readOpaquePiece(text, start, match[0]);
    yield piece;
    codeStart = piece.end;
    opening.lastIndex = piece.end;
  }
  if (codeStart < text.length) yield { kind: "code", start: codeStart, end: text.length };
}

function readOpaquePiece(text: string, start: number, opening: string): SqlPiece {
  switch (opening) {
    case "'":
      return { kind: "string", start, end: endOfQuoted(text, start, "'") };
    case '"':
      return { kind: "quotedName", start, end: endOfQuoted(text, start, '"') };
    case "[":
      return { kind: "bracketedName", start, end: endOfQuoted(text, start, "]") };
    case "--":
      return { kind: "lineComment", start, end: endOfLine(text, start) };
    default:
      return { kind: "blockComment", start, end: endOfBlockComment(text, start) };
  }
}

function endOfQuoted(text: string, start: number, closing: string): number {
  let at = text.indexOf(closing, start + 1);
  while (at !== -1 && text[at + 1] === closing) at = text.indexOf(closing, at + 2);
  return at === -1 ? text.length : at + 1;
}

/** Where the line that `from` is on ends: the index of its line break, or the end of the text. */
function endOfLine(text: string, from: number): number {
  const lineBreak = /[\r\n]/g;
  lineBreak.lastIndex = from;
  return lineBreak.exec(text)?.index ?? text.length;
}

function endOfBlockComment(text: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return match.index + 2;
  }
  return text.length;
}
