import { SqlError } from "../../session.ts";
import { isReserved } from "../lexer/keywords.ts";
import type { Expression, Query } from "../syntax/expression.ts";
import type { Statement } from "../syntax/statement.ts";
import type { Token } from "../lexer/token.ts";

/** The rules that every other rule may use: handed in, so that no file of the parser imports in a circle. */
export interface Rules {
  readonly expression: (cursor: Cursor) => Expression;
  readonly condition: (cursor: Cursor) => Expression;
  readonly query: (cursor: Cursor) => Query;
  readonly statement: (cursor: Cursor) => Statement;
}

/** Walks over a batch's tokens. Words are compared in upper case; quoted identifiers are never words. */
export class Cursor {
  readonly source: string;
  private readonly tokens: readonly Token[];
  private readonly rules: Rules;
  private index = 0;

  constructor(source: string, tokens: readonly Token[], rules: Rules) {
    this.source = source;
    this.tokens = tokens;
    this.rules = rules;
  }

  /** A scalar expression. */
  expression(): Expression {
    return this.rules.expression(this);
  }

  /** A search condition. */
  condition(): Expression {
    return this.rules.condition(this);
  }

  query(): Query {
    return this.rules.query(this);
  }

  statement(): Statement {
    return this.rules.statement(this);
  }

  get token(): Token {
    return this.peek(0);
  }

  get line(): number {
    return this.token.line;
  }

  get atEnd(): boolean {
    return this.token.kind === "end";
  }

  peek(distance: number): Token {
    const token = this.tokens[Math.min(this.index + distance, this.tokens.length - 1)];
    if (token === undefined) throw new Error("a batch has at least its end token");
    return token;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== "end") this.index++;
    return token;
  }

  /** The words or operators given are next, in this order. */
  isNext(...values: readonly string[]): boolean {
    return values.every((value, distance) => isSign(this.peek(distance), value));
  }

  isOneOf(...values: readonly string[]): boolean {
    return values.some((value) => isSign(this.token, value));
  }

  accept(...values: readonly string[]): boolean {
    if (!this.isNext(...values)) return false;
    this.index += values.length;
    return true;
  }

  expect(...values: readonly string[]): void {
    for (const value of values) if (!this.accept(value)) throw this.unexpected();
  }

  expectEnd(): void {
    if (!this.atEnd) throw this.unexpected();
  }

  /** A name that is not a reserved word, or a quoted one. */
  isIdentifier(distance = 0): boolean {
    const token = this.peek(distance);
    return token.kind === "quoted" || (token.kind === "word" && !isReserved(token.value));
  }

  identifier(): string {
    if (!this.isIdentifier()) throw this.unexpected();
    const token = this.next();
    return token.kind === "quoted" ? token.value : token.text;
  }

  variable(): string {
    if (this.token.kind !== "variable") throw this.unexpected();
    return this.next().text;
  }

  integer(): number {
    const negative = this.accept("-");
    if (this.token.kind !== "number") throw this.unexpected();
    return Number(this.next().value) * (negative ? -1 : 1);
  }

  /** The text from a token's start up to the last token taken. */
  textFrom(start: number): string {
    const last = this.tokens[this.index - 1];
    return this.source.slice(start, last?.end ?? start);
  }

  /** One or more, separated by commas. */
  list<T>(parse: () => T): readonly T[] {
    const items = [parse()];
    while (this.accept(",")) items.push(parse());
    return items;
  }

  parenthesized<T>(parse: () => T): T {
    this.expect("(");
    const result = parse();
    this.expect(")");
    return result;
  }

  /** `{ [key]: … }` when the words are next, else nothing: for optional properties. */
  clause<Key extends string, T>(key: Key, words: string, parse: () => T): Partial<Record<Key, T>> {
    const found: Partial<Record<string, T>> = this.accept(...words.split(" ")) ? { [key]: parse() } : {};
    // A computed key widens to string.
    return found;
  }

  mark(): number {
    return this.index;
  }

  rewind(mark: number): void {
    this.index = mark;
  }

  /** 156 for a keyword, 102 for anything else; at the end SQL Server names the last token. */
  unexpected(): SqlError {
    const last = this.tokens[Math.max(0, this.index - 1)];
    const token = this.atEnd && last !== undefined ? last : this.token;
    const keyword = token.kind === "word" && isReserved(token.value) && !this.atEnd;
    const near = token.kind === "string" || token.kind === "quoted" ? token.value : token.text;
    return new SqlError(
      keyword ? `Incorrect syntax near the keyword '${near}'.` : `Incorrect syntax near '${near}'.`,
      {
        number: keyword ? 156 : 102,
        class: 15,
        line: token.line,
      },
    );
  }

  unsupported(what: string): SqlError {
    return unsupported(what, this.line);
  }
}

/** The stand-in's own error for T-SQL outside its subset. */
export function unsupported(what: string, line = 1): SqlError {
  const message = `The stand-in does not support ${what}. Use --sql to run against a real SQL Server.`;
  return new SqlError(message, { number: 40515, class: 15, line });
}

function isSign(token: Token, value: string): boolean {
  return token.value === value && (token.kind === "word" || token.kind === "operator");
}
