import type { CallExpression, Expression, OrderItem, Window } from "../syntax/expression.ts";
import type { Cursor } from "./cursor.ts";
import { parseDataType } from "./data-type.ts";

/** Functions whose names are reserved words. */
const RESERVED_FUNCTIONS = new Set(["COALESCE", "CONVERT", "TRY_CONVERT", "LEFT", "NULLIF", "RIGHT", "IIF"]);
/** Functions written without parentheses. */
const NILADIC = new Set(["CURRENT_TIMESTAMP", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER", "USER"]);
/** Functions whose first argument is a bare word. */
const DATE_PART_FUNCTIONS = new Set([
  "DATEADD",
  "DATEDIFF",
  "DATEDIFF_BIG",
  "DATEPART",
  "DATENAME",
  "DATETRUNC",
]);

export function startsCall(cursor: Cursor): boolean {
  const { token } = cursor;
  if (token.kind === "word" && NILADIC.has(token.value)) return true;
  const parenthesis = cursor.peek(1).value === "(" && cursor.peek(1).kind === "operator";
  return parenthesis && (cursor.isIdentifier() || RESERVED_FUNCTIONS.has(token.value));
}

export function parseCall(cursor: Cursor): Expression {
  const { line } = cursor;
  const token = cursor.next();
  const name = token.value.toUpperCase();
  if (NILADIC.has(name) && !cursor.isNext("(")) return call(name, [], line);
  cursor.expect("(");
  const special = parseSpecial(cursor, name, line);
  if (special !== undefined) {
    cursor.expect(")");
    return special;
  }
  return parseOrdinary(cursor, name, line);
}

function parseSpecial(cursor: Cursor, name: string, line: number): Expression | undefined {
  switch (name) {
    case "CAST":
    case "TRY_CAST": {
      const operand = cursor.expression();
      cursor.expect("AS");
      return { kind: "cast", operand, type: parseDataType(cursor, 30).type, attempt: name === "TRY_CAST" };
    }
    case "CONVERT":
    case "TRY_CONVERT":
      return parseConvert(cursor, name === "TRY_CONVERT");
    case "IIF": {
      const when = cursor.condition();
      cursor.expect(",");
      const then = cursor.expression();
      cursor.expect(",");
      return { kind: "case", branches: [{ when, then }], otherwise: cursor.expression() };
    }
    default:
      return DATE_PART_FUNCTIONS.has(name) ? parseDatePart(cursor, name, line) : undefined;
  }
}

function parseConvert(cursor: Cursor, attempt: boolean): Expression {
  const { type } = parseDataType(cursor, 30);
  cursor.expect(",");
  const operand = cursor.expression();
  if (!cursor.accept(",")) return { kind: "cast", operand, type, attempt };
  return { kind: "cast", operand, type, style: cursor.expression(), attempt };
}

function parseDatePart(cursor: Cursor, name: string, line: number): Expression {
  const part = cursor.identifier().toLowerCase();
  const first: Expression = { kind: "literal", value: part, type: { name: "varchar", length: 30 } };
  const rest: Expression[] = [];
  while (cursor.accept(",")) rest.push(cursor.expression());
  return call(name, [first, ...rest], line);
}

function parseOrdinary(cursor: Cursor, name: string, line: number): Expression {
  const star = cursor.accept("*");
  const distinct = cursor.accept("DISTINCT");
  if (!distinct) cursor.accept("ALL");
  const values = star || cursor.isNext(")") ? [] : cursor.list(() => cursor.expression());
  cursor.expect(")");
  const withinGroup = cursor.accept("WITHIN", "GROUP")
    ? cursor.parenthesized(() => parseOrderBy(cursor))
    : undefined;
  const over = cursor.accept("OVER") ? cursor.parenthesized(() => parseWindow(cursor)) : undefined;
  return {
    ...call(name, values, line),
    star,
    distinct,
    ...(withinGroup === undefined ? {} : { withinGroup }),
    ...(over === undefined ? {} : { over }),
  };
}

function call(name: string, values: readonly Expression[], line: number): CallExpression {
  return { kind: "call", name, arguments: values, star: false, distinct: false, line };
}

export function parseOrderBy(cursor: Cursor): readonly OrderItem[] {
  cursor.expect("ORDER", "BY");
  return cursor.list(() => {
    const expression = cursor.expression();
    const descending = cursor.accept("DESC");
    if (!descending) cursor.accept("ASC");
    return { expression, descending };
  });
}

function parseWindow(cursor: Cursor): Window {
  const partitionBy = cursor.accept("PARTITION", "BY") ? cursor.list(() => cursor.expression()) : [];
  const orderBy = cursor.isNext("ORDER") ? parseOrderBy(cursor) : [];
  const { start } = cursor.token;
  const frame = cursor.isOneOf("ROWS", "RANGE");
  if (frame) while (!cursor.isNext(")") && !cursor.atEnd) cursor.next();
  return { partitionBy, orderBy, frame: frame ? cursor.textFrom(start) : "" };
}
