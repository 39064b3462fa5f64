import type { ConstraintSyntax, KeyColumn, ReferentialAction } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { skipIndexOptions } from "./index-options.ts";
import { parseObjectName } from "./object-name.ts";

export function startsConstraint(cursor: Cursor): boolean {
  return cursor.isOneOf("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN");
}

/** A table constraint, or with `column` given one that stands in a column's definition. */
export function parseConstraint(cursor: Cursor, column?: string): ConstraintSyntax {
  const name = cursor.accept("CONSTRAINT") ? cursor.identifier() : "";
  if (cursor.accept("PRIMARY", "KEY")) return parseKey(cursor, "primaryKey", name, column);
  if (cursor.accept("UNIQUE")) return parseKey(cursor, "unique", name, column);
  if (cursor.accept("CHECK")) {
    cursor.accept("NOT", "FOR", "REPLICATION");
    return { kind: "check", name, text: parenthesizedText(cursor, true) };
  }
  if (cursor.accept("DEFAULT")) return parseDefault(cursor, name, column);
  return parseForeignKey(cursor, name, column);
}

function parseKey(
  cursor: Cursor,
  kind: "primaryKey" | "unique",
  name: string,
  column: string | undefined,
): ConstraintSyntax {
  const clustered = cursor.accept("CLUSTERED") ? true : cursor.accept("NONCLUSTERED") ? false : undefined;
  const columns =
    column === undefined || cursor.isNext("(")
      ? parseKeyColumns(cursor)
      : [{ name: column, descending: false }];
  skipIndexOptions(cursor);
  return { kind, name, columns, ...(clustered === undefined ? {} : { clustered }) };
}

export function parseKeyColumns(cursor: Cursor): readonly KeyColumn[] {
  return cursor.parenthesized(() =>
    cursor.list(() => {
      const name = cursor.identifier();
      const descending = cursor.accept("DESC");
      if (!descending) cursor.accept("ASC");
      return { name, descending };
    }),
  );
}

/** DEFAULT x [FOR column] [WITH VALUES is the caller's]. */
function parseDefault(cursor: Cursor, name: string, column: string | undefined): ConstraintSyntax {
  const text = expressionText(cursor);
  if (column !== undefined) return { kind: "default", name, column, text };
  cursor.expect("FOR");
  return { kind: "default", name, column: cursor.identifier(), text };
}

/** The source text of an expression, which is what the catalogue keeps. */
export function expressionText(cursor: Cursor): string {
  const { start } = cursor.token;
  cursor.expression();
  return cursor.textFrom(start);
}

function parenthesizedText(cursor: Cursor, condition: boolean): string {
  return cursor.parenthesized(() => {
    const { start } = cursor.token;
    if (condition) cursor.condition();
    return cursor.textFrom(start);
  });
}

function parseForeignKey(cursor: Cursor, name: string, column: string | undefined): ConstraintSyntax {
  const explicit = cursor.accept("FOREIGN", "KEY");
  const columns = explicit && cursor.isNext("(") ? columnNames(cursor) : column === undefined ? [] : [column];
  if (columns.length === 0) throw cursor.unexpected();
  cursor.expect("REFERENCES");
  const references = parseObjectName(cursor);
  const referencedColumns = cursor.isNext("(") ? columnNames(cursor) : [];
  const actions = parseActions(cursor);
  return { kind: "foreignKey", name, columns, references, referencedColumns, ...actions };
}

function columnNames(cursor: Cursor): readonly string[] {
  return cursor.parenthesized(() => cursor.list(() => cursor.identifier()));
}

function parseActions(cursor: Cursor): { onDelete: ReferentialAction; onUpdate: ReferentialAction } {
  let onDelete: ReferentialAction = "NO ACTION";
  let onUpdate: ReferentialAction = "NO ACTION";
  for (;;) {
    if (cursor.accept("ON", "DELETE")) onDelete = parseAction(cursor);
    else if (cursor.accept("ON", "UPDATE")) onUpdate = parseAction(cursor);
    else if (!cursor.accept("NOT", "FOR", "REPLICATION")) return { onDelete, onUpdate };
  }
}

function parseAction(cursor: Cursor): ReferentialAction {
  const actions: readonly ReferentialAction[] = ["NO ACTION", "CASCADE", "SET NULL", "SET DEFAULT"];
  const action = actions.find((words) => cursor.accept(...words.split(" ")));
  if (action === undefined) throw cursor.unexpected();
  return action;
}
