import type { Expression } from "../syntax/expression.ts";
import type { CommonTable, Query, QueryBody, Select, SetOperation } from "../syntax/expression.ts";
import type { Cursor } from "./cursor.ts";
import { parseFrom } from "./from.ts";
import { parseOrderBy } from "./function-call.ts";
import { parseObjectName } from "./object-name.ts";
import { parseSelectItem } from "./select-item.ts";

/** SELECT with everything around it: common table expressions, UNION, ORDER BY, OFFSET. */
export function parseQuery(cursor: Cursor, common: readonly CommonTable[] = []): Query {
  const { line } = cursor;
  const tables = cursor.isNext("WITH") ? parseWith(cursor) : common;
  const body = parseUnion(cursor);
  const orderBy = cursor.isNext("ORDER", "BY") ? parseOrderBy(cursor) : [];
  const paging = orderBy.length > 0 ? parsePaging(cursor) : {};
  parseTrailer(cursor);
  return { kind: "query", with: tables, body, orderBy, line, ...paging };
}

export function parseWith(cursor: Cursor): readonly CommonTable[] {
  cursor.expect("WITH");
  return cursor.list(() => {
    const name = cursor.identifier();
    const columns = cursor.isNext("(")
      ? cursor.parenthesized(() => cursor.list(() => cursor.identifier()))
      : [];
    cursor.expect("AS");
    return { name, columns, query: cursor.parenthesized(() => cursor.query()) };
  });
}

function parseUnion(cursor: Cursor): QueryBody {
  let left = parseOperand(cursor);
  for (;;) {
    const operator = parseSetOperator(cursor);
    if (operator === undefined) return left;
    left = { kind: "set", operator, left, right: parseOperand(cursor) };
  }
}

function parseSetOperator(cursor: Cursor): SetOperation["operator"] | undefined {
  if (cursor.accept("UNION", "ALL")) return "UNION ALL";
  if (cursor.accept("UNION")) return "UNION";
  if (cursor.accept("EXCEPT")) return "EXCEPT";
  return cursor.accept("INTERSECT") ? "INTERSECT" : undefined;
}

function parseOperand(cursor: Cursor): QueryBody {
  return cursor.isNext("(") ? cursor.parenthesized(() => parseUnion(cursor)) : parseSelect(cursor);
}

function parseSelect(cursor: Cursor): Select {
  const { line } = cursor;
  cursor.expect("SELECT");
  const distinct = cursor.accept("DISTINCT");
  if (!distinct) cursor.accept("ALL");
  return {
    kind: "select",
    line,
    distinct,
    ...cursor.clause("top", "TOP", () => parseTop(cursor)),
    items: cursor.list(() => parseSelectItem(cursor)),
    ...cursor.clause("into", "INTO", () => parseObjectName(cursor)),
    ...cursor.clause("from", "FROM", () => parseFrom(cursor)),
    ...cursor.clause("where", "WHERE", () => cursor.condition()),
    groupBy: cursor.accept("GROUP", "BY") ? parseGroupBy(cursor) : [],
    ...cursor.clause("having", "HAVING", () => cursor.condition()),
  };
}

/** TOP 5, TOP (@n). */
export function parseTop(cursor: Cursor): Expression {
  const top = cursor.isNext("(")
    ? cursor.parenthesized(() => cursor.expression())
    : ({ kind: "literal", value: cursor.integer(), type: { name: "int" } } as const);
  if (cursor.isNext("PERCENT")) throw cursor.unsupported("TOP … PERCENT");
  if (cursor.isNext("WITH", "TIES")) throw cursor.unsupported("TOP … WITH TIES");
  return top;
}

function parseGroupBy(cursor: Cursor): readonly Expression[] {
  if (cursor.isOneOf("GROUPING", "CUBE", "ROLLUP")) throw cursor.unsupported(`GROUP BY ${cursor.token.text}`);
  return cursor.list(() => cursor.expression());
}

function parsePaging(cursor: Cursor): { offset?: Expression; fetch?: Expression } {
  if (!cursor.accept("OFFSET")) return {};
  const offset = cursor.expression();
  if (!cursor.accept("ROWS")) cursor.expect("ROW");
  if (!cursor.accept("FETCH")) return { offset };
  if (!cursor.accept("NEXT")) cursor.expect("FIRST");
  const fetch = cursor.expression();
  if (!cursor.accept("ROWS")) cursor.expect("ROW");
  cursor.expect("ONLY");
  return { offset, fetch };
}

/** OPTION (…) is a hint; FOR XML and FOR JSON change the result. */
function parseTrailer(cursor: Cursor): void {
  if (cursor.isNext("FOR")) throw cursor.unsupported(`FOR ${cursor.peek(1).text}`);
  skipOption(cursor);
}

export function skipOption(cursor: Cursor): void {
  if (!cursor.accept("OPTION")) return;
  cursor.expect("(");
  for (let depth = 1; depth > 0;) {
    const token = cursor.next();
    if (token.kind === "end") throw cursor.unexpected();
    depth += token.value === "(" ? 1 : token.value === ")" ? -1 : 0;
  }
}
