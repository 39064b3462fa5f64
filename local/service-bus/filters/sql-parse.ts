import { type SqlToken, tokenizeSql } from "./sql-tokens.ts";

export type SqlOperand =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "property"; readonly scope: "sys" | "user"; readonly name: string };

export type SqlComparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type SqlCondition =
  | { readonly kind: "and" | "or"; readonly left: SqlCondition; readonly right: SqlCondition }
  | { readonly kind: "not"; readonly condition: SqlCondition }
  | { readonly kind: "exists"; readonly operand: SqlOperand }
  | { readonly kind: "isNull"; readonly operand: SqlOperand }
  | { readonly kind: "in"; readonly operand: SqlOperand; readonly list: readonly SqlOperand[] }
  | {
      readonly kind: "like";
      readonly operand: SqlOperand;
      readonly pattern: SqlOperand;
      readonly escape: string;
    }
  | {
      readonly kind: "compare";
      readonly operator: SqlComparison;
      readonly left: SqlOperand;
      readonly right: SqlOperand;
    };

/**
 * Reads the part of the service's filter language that has no arithmetic and no functions: comparisons, AND,
 * OR, NOT, IN, LIKE … ESCAPE, IS NULL, EXISTS(), TRUE, FALSE, parameters, `sys.` and `user.` properties.
 * @throws Error that names what is not understood.
 */
export function parseSqlFilter(expression: string): SqlCondition {
  const reader = new Reader(tokenizeSql(expression), expression);
  const condition = parseOr(reader);
  reader.expectEnd();
  return condition;
}

class Reader {
  readonly #tokens: readonly SqlToken[];
  readonly #expression: string;
  #at = 0;

  constructor(tokens: readonly SqlToken[], expression: string) {
    this.#tokens = tokens;
    this.#expression = expression;
  }

  next(): SqlToken {
    const token = this.#tokens[this.#at];
    if (!token) throw this.failure("it ends too early");
    this.#at += 1;
    return token;
  }

  /** Takes the next token when it is this keyword or symbol. */
  skip(text: string): boolean {
    const token = this.#tokens[this.#at];
    const matches =
      (token?.kind === "symbol" && token.text === text) ||
      (token?.kind === "name" && !token.quoted && token.text.toUpperCase() === text);
    if (matches) this.#at += 1;
    return matches;
  }

  expect(text: string): void {
    if (!this.skip(text)) throw this.failure(`'${text}' is missing`);
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length)
      throw this.failure("there is more than one condition, or something unknown");
  }

  failure(why: string): Error {
    return new Error(
      `The SQL filter '${this.#expression}' is not understood here: ${why} (token ${this.#at + 1}).`,
    );
  }
}

function parseOr(reader: Reader): SqlCondition {
  let left = parseAnd(reader);
  while (reader.skip("OR")) left = { kind: "or", left, right: parseAnd(reader) };
  return left;
}

function parseAnd(reader: Reader): SqlCondition {
  let left = parseNot(reader);
  while (reader.skip("AND")) left = { kind: "and", left, right: parseNot(reader) };
  return left;
}

function parseNot(reader: Reader): SqlCondition {
  if (reader.skip("NOT")) return { kind: "not", condition: parseNot(reader) };
  if (reader.skip("(")) {
    const condition = parseOr(reader);
    reader.expect(")");
    return condition;
  }
  if (reader.skip("EXISTS")) {
    reader.expect("(");
    const operand = parseOperand(reader);
    reader.expect(")");
    return { kind: "exists", operand };
  }
  return parsePredicate(reader);
}

function parsePredicate(reader: Reader): SqlCondition {
  const operand = parseOperand(reader);
  if (reader.skip("IS")) {
    const negated = reader.skip("NOT");
    reader.expect("NULL");
    return negate(negated, { kind: "isNull", operand });
  }
  const negated = reader.skip("NOT");
  if (reader.skip("IN")) return negate(negated, { kind: "in", operand, list: parseList(reader) });
  if (reader.skip("LIKE")) return negate(negated, parseLike(reader, operand));
  const operator = parseComparison(reader);
  if (operator) return { kind: "compare", operator, left: operand, right: parseOperand(reader) };
  // A bare boolean: TRUE, FALSE or a property that holds one.
  return { kind: "compare", operator: "=", left: operand, right: { kind: "literal", value: true } };
}

function negate(negated: boolean, condition: SqlCondition): SqlCondition {
  return negated ? { kind: "not", condition } : condition;
}

const comparisons = ["=", "<>", "<=", ">=", "<", ">"] as const;

function parseComparison(reader: Reader): SqlComparison | undefined {
  if (reader.skip("!=")) return "<>";
  return comparisons.find((symbol) => reader.skip(symbol));
}

function parseLike(reader: Reader, operand: SqlOperand): SqlCondition {
  const pattern = parseOperand(reader);
  if (!reader.skip("ESCAPE")) return { kind: "like", operand, pattern, escape: "" };
  const escape = reader.next();
  if (escape.kind !== "string") throw reader.failure("ESCAPE takes a text");
  return { kind: "like", operand, pattern, escape: escape.text };
}

function parseList(reader: Reader): SqlOperand[] {
  reader.expect("(");
  const list = [parseOperand(reader)];
  while (reader.skip(",")) list.push(parseOperand(reader));
  reader.expect(")");
  return list;
}

function parseOperand(reader: Reader): SqlOperand {
  const negative = reader.skip("-");
  const token = reader.next();
  switch (token.kind) {
    case "number":
      return { kind: "literal", value: negative ? -token.value : token.value };
    case "string":
      return { kind: "literal", value: token.text };
    case "parameter":
      return { kind: "parameter", name: token.text };
    case "name":
      return parseName(reader, token);
    case "symbol":
      throw reader.failure(`'${token.text}' is not expected`);
  }
}

const constants: Readonly<Record<string, boolean | null>> = { TRUE: true, FALSE: false, NULL: null };

function parseName(reader: Reader, first: { readonly text: string; readonly quoted: boolean }): SqlOperand {
  const constant = first.quoted ? undefined : constants[first.text.toUpperCase()];
  if (constant !== undefined) return { kind: "literal", value: constant };
  if (!reader.skip(".")) return { kind: "property", scope: "user", name: first.text };
  const name = reader.next();
  if (name.kind !== "name") throw reader.failure("a property name is missing");
  const scope = first.text.toLowerCase();
  if (scope !== "sys" && scope !== "user") throw reader.failure(`the scope '${first.text}' is unknown`);
  return { kind: "property", scope, name: name.text };
}
