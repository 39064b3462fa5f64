import type { Assignment, UpdateStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseFrom, parseHints } from "./from.ts";
import { parseObjectName } from "./object-name.ts";
import { parseOutput } from "./output.ts";
import { parseTop, skipOption } from "./query.ts";
import { parseAssigned } from "./select-item.ts";

export function parseUpdate(cursor: Cursor): UpdateStatement {
  cursor.expect("UPDATE");
  const top = cursor.clause("top", "TOP", () => parseTop(cursor));
  if (cursor.isNext("STATISTICS")) throw cursor.unsupported("'UPDATE STATISTICS'");
  const target = parseObjectName(cursor);
  parseHints(cursor);
  cursor.expect("SET");
  const statement: UpdateStatement = {
    kind: "update",
    target,
    ...top,
    assignments: cursor.list(() => parseColumnAssignment(cursor)),
    ...parseOutput(cursor),
    ...cursor.clause("from", "FROM", () => parseFrom(cursor)),
    ...cursor.clause("where", "WHERE", () => parseWhere(cursor)),
  };
  skipOption(cursor);
  return statement;
}

export function parseWhere(cursor: Cursor): UpdateStatement["where"] & object {
  if (cursor.isNext("CURRENT", "OF")) throw cursor.unsupported("cursors");
  return cursor.condition();
}

/** `column = x`, `t.column += x`, `@v = x`, `@v = column = x`. */
function parseColumnAssignment(cursor: Cursor): Assignment {
  const { line } = cursor;
  if (cursor.token.kind !== "variable") return { ...parseColumn(cursor), line };
  const variable = cursor.variable();
  if (cursor.isNext("=") && cursor.isIdentifier(1) && cursor.peek(2).value === "=") {
    cursor.expect("=");
    return { ...parseColumn(cursor), variable, line };
  }
  return { variable, value: parseAssigned(cursor, { kind: "variable", name: variable, line }), line };
}

function parseColumn(cursor: Cursor): { column: string; value: Assignment["value"] } {
  const { line } = cursor;
  const parts = [cursor.identifier()];
  while (cursor.accept(".")) parts.push(cursor.identifier());
  const column = parts.at(-1) ?? "";
  return { column, value: parseAssigned(cursor, { kind: "column", parts, line }) };
}
