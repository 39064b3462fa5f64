import type { Expression } from "../syntax/expression.ts";
import type { SelectItem } from "../syntax/expression.ts";
import type { Cursor } from "./cursor.ts";

/** `*`, `t.*`, `@v = x`, `alias = x`, `x AS alias`, `x alias`, `x 'alias'`. */
export function parseSelectItem(cursor: Cursor): SelectItem {
  if (cursor.accept("*")) return { kind: "star", qualifier: "" };
  const star = parseQualifiedStar(cursor);
  if (star !== undefined) return star;
  const { token } = cursor;
  const assigns = cursor.peek(1).kind === "operator" ? cursor.peek(1).value : "";
  if (token.kind === "variable" && /^[-+*/%&|^]?=$/.test(assigns)) return parseAssignment(cursor);
  if (cursor.isIdentifier() && assigns === "=") {
    const alias = cursor.identifier();
    cursor.expect("=");
    return { kind: "expression", expression: cursor.expression(), alias };
  }
  const expression = cursor.expression();
  const alias = parseAlias(cursor);
  return { kind: "expression", expression, ...(alias === undefined ? {} : { alias }) };
}

function parseQualifiedStar(cursor: Cursor): SelectItem | undefined {
  const mark = cursor.mark();
  while (cursor.isIdentifier() && cursor.peek(1).value === ".") {
    const qualifier = cursor.identifier();
    cursor.expect(".");
    if (cursor.accept("*")) return { kind: "star", qualifier };
  }
  cursor.rewind(mark);
  return undefined;
}

/** `@v = x`, `@v += x`. */
export function parseAssignment(cursor: Cursor): Extract<SelectItem, { kind: "assign" }> {
  const { line } = cursor;
  const variable = cursor.variable();
  return {
    kind: "assign",
    variable,
    expression: parseAssigned(cursor, { kind: "variable", name: variable, line }),
  };
}

/** What follows the left side: `= x`, or `+= x` (which reads the left side too). */
export function parseAssigned(cursor: Cursor, left: Expression): Expression {
  if (cursor.accept("=")) return cursor.expression();
  const operator = (["+", "-", "*", "/", "%", "&", "|", "^"] as const).find((sign) =>
    cursor.accept(`${sign}=`),
  );
  if (operator === undefined) throw cursor.unexpected();
  return { kind: "binary", operator, left, right: cursor.expression() };
}

/** A column's alias may be a string, too. */
function parseAlias(cursor: Cursor): string | undefined {
  const explicit = cursor.accept("AS");
  if (cursor.token.kind === "string") return cursor.next().value;
  if (cursor.isIdentifier()) return cursor.identifier();
  if (explicit) throw cursor.unexpected();
  return undefined;
}
