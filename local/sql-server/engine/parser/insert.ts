import type { InsertStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseExecute } from "./execute.ts";
import { parseHints, parseRows } from "./from.ts";
import { parseObjectName } from "./object-name.ts";
import { parseOutput } from "./output.ts";
import { skipOption } from "./query.ts";

export function parseInsert(cursor: Cursor): InsertStatement {
  cursor.expect("INSERT");
  if (cursor.isNext("TOP")) throw cursor.unsupported("INSERT TOP");
  cursor.accept("INTO");
  const target = parseObjectName(cursor);
  parseHints(cursor);
  const columns = isColumnList(cursor)
    ? cursor.parenthesized(() => cursor.list(() => parseColumn(cursor)))
    : [];
  const { output } = parseOutput(cursor);
  const source = parseSource(cursor);
  skipOption(cursor);
  return { kind: "insert", target, columns, source, ...(output === undefined ? {} : { output }) };
}

/** Not the parenthesis of INSERT INTO t (SELECT …). */
function isColumnList(cursor: Cursor): boolean {
  return cursor.isNext("(") && cursor.isIdentifier(1);
}

/** Qualifiers before the column are allowed and ignored. */
function parseColumn(cursor: Cursor): string {
  let name = cursor.identifier();
  while (cursor.accept(".")) name = cursor.identifier();
  return name;
}

function parseSource(cursor: Cursor): InsertStatement["source"] {
  if (cursor.accept("VALUES")) return { kind: "values", rows: parseRows(cursor) };
  if (cursor.accept("DEFAULT", "VALUES")) return { kind: "defaults" };
  if (cursor.isOneOf("EXEC", "EXECUTE")) return parseExecute(cursor);
  return cursor.query();
}
