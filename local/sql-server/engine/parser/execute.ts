import type { Expression } from "../syntax/expression.ts";
import type { ControlStatement, ExecuteArgument, ExecuteStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseObjectName } from "./object-name.ts";

type ExecuteText = Extract<ControlStatement, { kind: "executeText" }>;

/** EXEC name …, EXEC @rc = name …, EXEC ('text'). */
export function parseExecute(cursor: Cursor): ExecuteStatement | ExecuteText {
  cursor.next();
  if (cursor.isNext("AS")) throw cursor.unsupported("EXECUTE AS");
  if (cursor.isNext("(")) {
    const value = cursor.parenthesized(() => cursor.expression());
    if (cursor.isNext("AT")) throw cursor.unsupported("EXEC … AT");
    return { kind: "executeText", value };
  }
  const assigns = cursor.token.kind === "variable" && cursor.peek(1).value === "=";
  const result = assigns ? cursor.variable() : undefined;
  if (assigns) cursor.expect("=");
  return parseExecuteName(cursor, result);
}

export function parseExecuteName(cursor: Cursor, result: string | undefined): ExecuteStatement {
  const name = parseObjectName(cursor);
  const values = startsArgument(cursor) ? cursor.list(() => parseArgument(cursor)) : [];
  if (cursor.accept("WITH")) {
    if (!cursor.accept("RECOMPILE")) throw cursor.unsupported("EXEC … WITH RESULT SETS");
  }
  return { kind: "execute", name, arguments: values, ...(result === undefined ? {} : { result }) };
}

function startsArgument(cursor: Cursor): boolean {
  const { kind } = cursor.token;
  if (kind === "variable" || kind === "string" || kind === "number" || kind === "binary") return true;
  return cursor.isOneOf("NULL", "DEFAULT", "-") || cursor.isIdentifier();
}

function parseArgument(cursor: Cursor): ExecuteArgument {
  const named = cursor.token.kind === "variable" && cursor.peek(1).value === "=";
  const name = named ? cursor.variable() : "";
  if (named) cursor.expect("=");
  const value = parseArgumentValue(cursor);
  const output = cursor.accept("OUTPUT") || cursor.accept("OUT");
  return { name, value, output };
}

/** A constant or a variable; a bare word is a string. */
function parseArgumentValue(cursor: Cursor): Expression {
  const { token } = cursor;
  if (token.kind === "word" && cursor.isIdentifier()) {
    cursor.next();
    return {
      kind: "literal",
      value: token.text,
      type: { name: "nvarchar", length: Math.max(1, token.text.length) },
    };
  }
  return cursor.expression();
}
