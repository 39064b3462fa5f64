import type { ColumnSyntax, ConstraintSyntax } from "../syntax/statement.ts";
import { expressionText, parseConstraint } from "./constraint.ts";
import type { Cursor } from "./cursor.ts";
import { parseDataType } from "./data-type.ts";

export interface ParsedColumn {
  readonly column: ColumnSyntax;
  readonly constraints: readonly ConstraintSyntax[];
}

type Draft = { -readonly [Key in keyof ColumnSyntax]: ColumnSyntax[Key] };

/** `Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_T PRIMARY KEY DEFAULT (1) REFERENCES …`. */
export function parseColumnDefinition(cursor: Cursor): ParsedColumn {
  const { line } = cursor;
  const name = cursor.identifier();
  if (cursor.isNext("AS")) throw cursor.unsupported("computed columns");
  const { type, typeName } = parseDataType(cursor);
  const column: Draft = { name, type, typeName, line };
  const constraints: ConstraintSyntax[] = [];
  while (parseProperty(cursor, column) || parseColumnConstraint(cursor, column, constraints));
  return { column, constraints };
}

function parseProperty(cursor: Cursor, column: Draft): boolean {
  if (cursor.accept("NOT", "NULL")) column.nullable = false;
  else if (cursor.accept("NULL")) column.nullable = true;
  else if (cursor.accept("IDENTITY")) column.identity = parseIdentity(cursor);
  else if (cursor.accept("COLLATE")) cursor.identifier();
  else
    return (
      cursor.accept("ROWGUIDCOL") || cursor.accept("SPARSE") || cursor.accept("NOT", "FOR", "REPLICATION")
    );
  return true;
}

function parseIdentity(cursor: Cursor): { seed: number; increment: number } {
  if (!cursor.accept("(")) return { seed: 1, increment: 1 };
  const seed = cursor.integer();
  cursor.expect(",");
  const increment = cursor.integer();
  cursor.expect(")");
  return { seed, increment };
}

function parseColumnConstraint(cursor: Cursor, column: Draft, constraints: ConstraintSyntax[]): boolean {
  if (cursor.isNext("DEFAULT") || (cursor.isNext("CONSTRAINT") && cursor.peek(2).value === "DEFAULT")) {
    const name = cursor.accept("CONSTRAINT") ? cursor.identifier() : "";
    cursor.expect("DEFAULT");
    column.default = { name, text: expressionText(cursor) };
    return true;
  }
  if (!cursor.isOneOf("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "REFERENCES")) return false;
  constraints.push(parseConstraint(cursor, column.name));
  return true;
}
