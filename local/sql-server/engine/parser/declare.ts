import type { ControlStatement, VariableDeclaration } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseDataType } from "./data-type.ts";
import { parseTableBody } from "./create-table.ts";

/** DECLARE @a int = 1, @t TABLE (…). */
export function parseDeclare(cursor: Cursor): Extract<ControlStatement, { kind: "declare" }> {
  cursor.expect("DECLARE");
  if (cursor.isIdentifier()) throw cursor.unsupported("cursors");
  return { kind: "declare", variables: cursor.list(() => parseVariable(cursor)) };
}

function parseVariable(cursor: Cursor): VariableDeclaration {
  const { line } = cursor;
  const name = cursor.variable();
  cursor.accept("AS");
  if (cursor.isNext("CURSOR")) throw cursor.unsupported("cursors");
  if (cursor.accept("TABLE")) {
    const table = parseTableBody(cursor, { database: "", schema: "", name, line });
    return { name, type: { name: "int" }, table };
  }
  const { type } = parseDataType(cursor);
  return cursor.accept("=") ? { name, type, value: cursor.expression() } : { name, type };
}
