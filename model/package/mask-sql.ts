import { scanSql, type SqlPiece } from "./scan-sql.ts";

/**
 * The same text, length and line breaks kept, with comments turned to spaces and the content of strings and quoted
 * names to `_`: what is left can be searched with a regular expression, and an index means the same place in both.
 */
export function maskSql(text: string): string {
  let masked = "";
  for (const piece of scanSql(text)) masked += maskPiece(text.slice(piece.start, piece.end), piece.kind);
  return masked;
}

function maskPiece(piece: string, kind: SqlPiece["kind"]): string {
  switch (kind) {
    case "code":
      return piece;
    case "lineComment":
    case "blockComment":
      return piece.replaceAll(/[^\r\n]/g, " ");
    case "string":
    case "quotedName":
    case "bracketedName":
      return maskQuoted(piece);
  }
}

function maskQuoted(piece: string): string {
  const content = piece.slice(1, -1).replaceAll(/[^\r\n]/g, "_");
  return piece.length < 2 ? piece : piece.slice(0, 1) + content + piece.slice(-1);
}
