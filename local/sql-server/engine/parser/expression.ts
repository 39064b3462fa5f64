import { isPredicate, type ArithmeticOperator, type Expression } from "../syntax/expression.ts";
import { SqlError } from "../../session.ts";
import type { Cursor } from "./cursor.ts";
import { parsePredicateTail } from "./predicate.ts";
import { parsePrimary } from "./primary.ts";
import { startsQuery } from "./starts-query.ts";

/** A scalar expression. @throws SqlError 102 when it is a condition. */
export function parseExpression(cursor: Cursor): Expression {
  const expression = parseArithmetic(cursor, 0);
  if (isPredicate(expression)) throw cursor.unexpected();
  return expression;
}

/** A condition. @throws SqlError 4145 when it is a scalar. */
export function parseCondition(cursor: Cursor): Expression {
  const condition = parseOr(cursor);
  requireCondition(cursor, condition);
  return condition;
}

function parseOr(cursor: Cursor): Expression {
  let left = parseAnd(cursor);
  while (cursor.isNext("OR")) {
    requireCondition(cursor, left);
    cursor.next();
    const right = parseAnd(cursor);
    requireCondition(cursor, right);
    left = { kind: "or", left, right };
  }
  return left;
}

function parseAnd(cursor: Cursor): Expression {
  let left = parseNot(cursor);
  while (cursor.isNext("AND")) {
    requireCondition(cursor, left);
    cursor.next();
    const right = parseNot(cursor);
    requireCondition(cursor, right);
    left = { kind: "and", left, right };
  }
  return left;
}

function parseNot(cursor: Cursor): Expression {
  if (cursor.accept("NOT")) {
    const operand = parseNot(cursor);
    requireCondition(cursor, operand);
    return { kind: "not", operand };
  }
  const left = parseArithmetic(cursor, 0);
  return isPredicate(left) ? left : parsePredicateTail(cursor, left);
}

const LEVELS: readonly (readonly ArithmeticOperator[])[] = [
  ["+", "-", "&", "|", "^"],
  ["*", "/", "%"],
];

/** Operands bind by level; `(` may also hold a condition, which only a condition may use. */
function parseArithmetic(cursor: Cursor, level: number): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) return parseUnary(cursor);
  let left = parseArithmetic(cursor, level + 1);
  for (;;) {
    const operator = operators.find((candidate) => cursor.isNext(candidate));
    if (operator === undefined || isPredicate(left)) return left;
    cursor.next();
    left = { kind: "binary", operator, left, right: parseArithmetic(cursor, level + 1) };
  }
}

function parseUnary(cursor: Cursor): Expression {
  if (cursor.accept("-")) return { kind: "unary", operator: "-", operand: parseUnary(cursor) };
  if (cursor.accept("~")) return { kind: "unary", operator: "~", operand: parseUnary(cursor) };
  if (cursor.accept("+")) return parseUnary(cursor);
  let operand = cursor.isNext("(") ? parseParenthesis(cursor) : parsePrimary(cursor);
  while (cursor.accept("COLLATE")) operand = { kind: "collate", operand, collation: cursor.identifier() };
  return operand;
}

/** A subquery, a condition or a scalar in parentheses. */
function parseParenthesis(cursor: Cursor): Expression {
  if (startsQuery(cursor)) return parsePrimary(cursor);
  return cursor.parenthesized(() => parseOr(cursor));
}

function requireCondition(cursor: Cursor, expression: Expression): void {
  if (isPredicate(expression)) return;
  const near = cursor.atEnd ? cursor.peek(-1).text : cursor.token.text;
  const message = `An expression of non-boolean type specified in a context where a condition is expected, near '${near}'.`;
  throw new SqlError(message, { number: 4145, class: 15, line: cursor.line });
}
