import { SqlError } from "../../session.ts";
import type { Token, TokenKind } from "./token.ts";

interface Scanner {
  readonly text: string;
  at: number;
  line: number;
  /** Where the next line break is, or the text's end. Looked for once: a script may be one long line. */
  lineEnd: number;
}

const SPACE = /[\s\u00a0\ufeff]+/y;
const LINE_COMMENT = /--[^\n]*/y;
const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ["binary", /0x(?:[0-9a-fA-F]|\\\r?\n)*/y],
  ["number", /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ["variable", /@[\p{L}\d_@#$]*/uy],
  ["word", /[\p{L}_#][\p{L}\d_@#$]*/uy],
  ["operator", /<>|<=|>=|!=|!<|!>|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|::|[-+*/%&|^~=<>(),.;:$?!\\{}`]/y],
];

/**
 * Splits a batch into tokens, without spaces and comments (which nest, as in T-SQL).
 * @throws SqlError 105 (unclosed quote), 113 (unclosed comment), 102.
 */
export function tokenize(text: string): readonly Token[] {
  const scanner: Scanner = { text, at: 0, line: 1, lineEnd: findLineEnd(text, 0) };
  const tokens: Token[] = [];
  for (;;) {
    skipBlanks(scanner);
    if (scanner.at >= text.length) break;
    tokens.push(next(scanner));
  }
  tokens.push({ kind: "end", text: "", value: "", line: scanner.line, start: text.length, end: text.length });
  return tokens;
}

function skipBlanks(scanner: Scanner): void {
  for (;;) {
    const blank = matchAt(scanner, SPACE) ?? matchAt(scanner, LINE_COMMENT);
    if (blank !== undefined) advance(scanner, blank.length);
    else if (scanner.text.startsWith("/*", scanner.at)) skipComment(scanner);
    else return;
  }
}

function skipComment(scanner: Scanner): void {
  let depth = 0;
  let at = scanner.at;
  do {
    if (at >= scanner.text.length) {
      throw new SqlError("Missing end comment mark '*/'.", { number: 113, class: 15, line: scanner.line });
    }
    const step = scanner.text.startsWith("/*", at) ? 1 : scanner.text.startsWith("*/", at) ? -1 : 0;
    depth += step;
    at += step === 0 ? 1 : 2;
  } while (depth > 0);
  advance(scanner, at - scanner.at);
}

function next(scanner: Scanner): Token {
  const first = scanner.text[scanner.at] ?? "";
  const second = scanner.text[scanner.at + 1];
  if (first === "'") return quoted(scanner, "string", "'", 0);
  if ((first === "N" || first === "n") && second === "'") return quoted(scanner, "string", "'", 1);
  if (first === "[") return quoted(scanner, "quoted", "]", 0);
  if (first === '"') return quoted(scanner, "quoted", '"', 0);
  for (const [kind, pattern] of PATTERNS) {
    const found = matchAt(scanner, pattern);
    if (found !== undefined) return take(scanner, kind, found);
  }
  throw new SqlError(`Incorrect syntax near '${first}'.`, { number: 102, class: 15, line: scanner.line });
}

/** A quote inside is written twice. `prefix` is the length of an N before the quote. */
function quoted(scanner: Scanner, kind: TokenKind, close: string, prefix: number): Token {
  const { text, at: start, line } = scanner;
  let at = start + prefix + 1;
  for (;;) {
    const found = text.indexOf(close, at);
    if (found < 0) {
      const message = `Unclosed quotation mark after the character string '${text.slice(start + prefix + 1)}'.`;
      throw new SqlError(message, { number: 105, class: 15, line });
    }
    at = found + 1;
    if (text[at] !== close) break;
    at++;
  }
  const written = text.slice(start + prefix + 1, at - 1).replaceAll(close + close, close);
  const inner = kind === "string" ? joinLines(written) : written;
  advance(scanner, at - start);
  return { kind, text: text.slice(start, at), value: inner, line, start, end: at };
}

/** A backslash at a line's end continues a constant on the next (learn.microsoft.com, "Backslash (Line Continuation)"). */
function joinLines(text: string): string {
  return text.includes("\\") ? text.replaceAll(/\\\r?\n/g, "") : text;
}

function take(scanner: Scanner, kind: TokenKind, text: string): Token {
  const start = scanner.at;
  advance(scanner, text.length);
  const value = kind === "word" ? text.toUpperCase() : kind === "binary" ? joinLines(text) : text;
  return { kind, text, value, line: scanner.line, start, end: start + text.length };
}

function matchAt(scanner: Scanner, pattern: RegExp): string | undefined {
  pattern.lastIndex = scanner.at;
  return pattern.exec(scanner.text)?.[0];
}

function advance(scanner: Scanner, length: number): void {
  scanner.at += length;
  while (scanner.lineEnd < scanner.at) {
    scanner.line++;
    scanner.lineEnd = findLineEnd(scanner.text, scanner.lineEnd + 1);
  }
}

function findLineEnd(text: string, from: number): number {
  const found = text.indexOf("\n", from);
  return found < 0 ? text.length : found;
}
