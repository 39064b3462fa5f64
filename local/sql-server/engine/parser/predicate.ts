import type { ComparisonOperator, Expression } from "../syntax/expression.ts";
import type { Cursor } from "./cursor.ts";
import { startsQuery } from "./starts-query.ts";

const COMPARISONS: Readonly<Record<string, ComparisonOperator>> = {
  "=": "=",
  "<>": "<>",
  "!=": "<>",
  "<": "<",
  ">": ">",
  "<=": "<=",
  ">=": ">=",
  "!<": ">=",
  "!>": "<=",
};

/** What may follow a scalar to make it a condition; without it the scalar itself is given back. */
export function parsePredicateTail(cursor: Cursor, left: Expression): Expression {
  if (cursor.accept("IS")) {
    const negated = cursor.accept("NOT");
    cursor.expect("NULL");
    return { kind: "isNull", operand: left, negated };
  }
  const operator = cursor.token.kind === "operator" ? COMPARISONS[cursor.token.value] : undefined;
  if (operator !== undefined) {
    cursor.next();
    if (cursor.isOneOf("ALL", "ANY", "SOME")) throw cursor.unsupported("ALL, ANY and SOME comparisons");
    return { kind: "comparison", operator, left, right: cursor.expression() };
  }
  const negated = cursor.isNext("NOT") && ["IN", "LIKE", "BETWEEN"].includes(cursor.peek(1).value);
  if (negated) cursor.next();
  return parseNegatable(cursor, left, negated);
}

function parseNegatable(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  if (cursor.accept("LIKE")) {
    const pattern = cursor.expression();
    const escape = cursor.accept("ESCAPE") ? cursor.expression() : undefined;
    return { kind: "like", operand, pattern, negated, ...(escape === undefined ? {} : { escape }) };
  }
  if (cursor.accept("BETWEEN")) {
    const low = cursor.expression();
    cursor.expect("AND");
    return { kind: "between", operand, low, high: cursor.expression(), negated };
  }
  if (!cursor.accept("IN")) return operand;
  const list = cursor.parenthesized(() =>
    startsQuery(cursor) || cursor.isNext("SELECT") ? cursor.query() : cursor.list(() => cursor.expression()),
  );
  return { kind: "in", operand, list, negated };
}
