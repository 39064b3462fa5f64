import type { Expression } from "../syntax/expression.ts";
import type { JoinType, TableSource } from "../syntax/expression.ts";
import type { Cursor } from "./cursor.ts";
import { parseObjectName } from "./object-name.ts";

/** The tables after FROM, joined from left to right; a comma is a cross join. */
export function parseFrom(cursor: Cursor): TableSource {
  let left = parseJoined(cursor);
  while (cursor.accept(",")) left = { kind: "join", type: "CROSS", left, right: parseJoined(cursor) };
  return left;
}

function parseJoined(cursor: Cursor): TableSource {
  let left = parseSource(cursor);
  for (;;) {
    const type = parseJoinType(cursor);
    if (type === undefined) return left;
    const right = type === "CROSS" ? parseSource(cursor) : parseJoinedRight(cursor);
    if (type === "CROSS") {
      left = { kind: "join", type, left, right };
      continue;
    }
    cursor.expect("ON");
    left = { kind: "join", type, left, right, on: cursor.condition() };
  }
}

/** `a JOIN b JOIN c ON … ON …`: the inner join belongs to the right side. */
function parseJoinedRight(cursor: Cursor): TableSource {
  const source = parseSource(cursor);
  const mark = cursor.mark();
  const type = parseJoinType(cursor);
  if (type === undefined || type === "CROSS") {
    cursor.rewind(mark);
    return source;
  }
  const right = parseJoinedRight(cursor);
  cursor.expect("ON");
  return { kind: "join", type, left: source, right, on: cursor.condition() };
}

const OUTER: readonly JoinType[] = ["LEFT", "RIGHT", "FULL"];

function parseJoinType(cursor: Cursor): JoinType | undefined {
  if (cursor.isNext("CROSS", "APPLY") || cursor.isNext("OUTER", "APPLY")) throw cursor.unsupported("APPLY");
  if (cursor.accept("CROSS", "JOIN")) return "CROSS";
  if (cursor.accept("JOIN")) return "INNER";
  if (cursor.accept("INNER")) return afterJoinHint(cursor, "INNER");
  const outer = OUTER.find((type) => cursor.accept(type));
  if (outer === undefined) return undefined;
  cursor.accept("OUTER");
  return afterJoinHint(cursor, outer);
}

function afterJoinHint(cursor: Cursor, type: JoinType): JoinType {
  for (const hint of ["LOOP", "HASH", "MERGE"]) cursor.accept(hint);
  cursor.expect("JOIN");
  return type;
}

/** Rowset functions with reserved names. */
const ROWSETS = ["CONTAINSTABLE", "FREETEXTTABLE", "OPENQUERY", "OPENROWSET", "OPENXML"];

function parseSource(cursor: Cursor): TableSource {
  if (cursor.isNext("(")) return parseParenthesized(cursor);
  if (cursor.isOneOf(...ROWSETS)) throw cursor.unsupported(`'${cursor.token.value}'`);
  const name = parseObjectName(cursor);
  if (cursor.isNext("(")) {
    const hinted = cursor.peek(1).kind === "word" && isHint(cursor.peek(1).value);
    if (!hinted) throw cursor.unsupported(`table-valued functions ('${name.name}')`);
  }
  const alias = parseTableAlias(cursor);
  const hints = parseHints(cursor);
  if (cursor.isOneOf("PIVOT", "UNPIVOT", "TABLESAMPLE")) throw cursor.unsupported(`'${cursor.token.value}'`);
  const late = alias === "" ? parseTableAlias(cursor) : alias;
  return { kind: "table", name, alias: late, hints };
}

function parseParenthesized(cursor: Cursor): TableSource {
  if (cursor.isNext("(", "VALUES")) {
    const rows = cursor.parenthesized(() => {
      cursor.expect("VALUES");
      return parseRows(cursor);
    });
    return { kind: "values", rows, ...parseDerivedAlias(cursor) };
  }
  if (cursor.isNext("(", "SELECT") || cursor.isNext("(", "(")) {
    const mark = cursor.mark();
    try {
      const query = cursor.parenthesized(() => cursor.query());
      return { kind: "derived", query, ...parseDerivedAlias(cursor) };
    } catch (error) {
      if (!cursor.isNext("(", "(")) throw error;
      cursor.rewind(mark);
    }
  }
  return cursor.parenthesized(() => parseJoined(cursor));
}

/** The rows after VALUES. */
export function parseRows(cursor: Cursor): readonly (readonly Expression[])[] {
  return cursor.list(() => cursor.parenthesized(() => cursor.list(() => cursor.expression())));
}

function parseDerivedAlias(cursor: Cursor): { alias: string; columns: readonly string[] } {
  cursor.accept("AS");
  const alias = cursor.identifier();
  const columns = cursor.isNext("(")
    ? cursor.parenthesized(() => cursor.list(() => cursor.identifier()))
    : [];
  return { alias, columns };
}

function parseTableAlias(cursor: Cursor): string {
  if (cursor.accept("AS")) return cursor.identifier();
  return cursor.isIdentifier() && cursor.token.value !== "OPTION" ? cursor.identifier() : "";
}

const HINTS = new Set(
  `NOLOCK READUNCOMMITTED READCOMMITTED READCOMMITTEDLOCK REPEATABLEREAD SERIALIZABLE HOLDLOCK UPDLOCK XLOCK
TABLOCK TABLOCKX PAGLOCK ROWLOCK READPAST NOWAIT SNAPSHOT NOEXPAND INDEX FORCESEEK FORCESCAN KEEPIDENTITY`.split(
    /\s+/,
  ),
);

function isHint(word: string): boolean {
  return HINTS.has(word);
}

/** WITH (NOLOCK), or the old (NOLOCK) without WITH. */
export function parseHints(cursor: Cursor): readonly string[] {
  const bare = cursor.isNext("(") && cursor.peek(1).kind === "word" && isHint(cursor.peek(1).value);
  if (!cursor.isNext("WITH", "(") && !bare) return [];
  cursor.accept("WITH");
  cursor.expect("(");
  const hints: string[] = [];
  for (let depth = 1; depth > 0;) {
    const token = cursor.next();
    if (token.kind === "end") throw cursor.unexpected();
    depth += token.value === "(" ? 1 : token.value === ")" ? -1 : 0;
    if (token.kind === "word") hints.push(token.value);
  }
  return hints;
}
