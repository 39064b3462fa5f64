import type {
  AlterTableAction,
  ColumnSyntax,
  ConstraintSyntax,
  DefinitionStatement,
} from "../syntax/statement.ts";
import { parseColumnDefinition } from "./column-definition.ts";
import { parseConstraint, startsConstraint } from "./constraint.ts";
import type { Cursor } from "./cursor.ts";
import { skipIndexOptions } from "./index-options.ts";
import { parseObjectName } from "./object-name.ts";

export function parseAlterTable(cursor: Cursor): Extract<DefinitionStatement, { kind: "alterTable" }> {
  const name = parseObjectName(cursor);
  return { kind: "alterTable", name, action: parseAction(cursor) };
}

function parseAction(cursor: Cursor): AlterTableAction {
  const noCheck = cursor.accept("WITH", "NOCHECK");
  if (!noCheck) cursor.accept("WITH", "CHECK");
  if (cursor.accept("ADD")) return parseAdd(cursor, !noCheck);
  if (cursor.accept("DROP")) return parseDrop(cursor);
  if (cursor.accept("ALTER", "COLUMN"))
    return { kind: "alterColumn", column: parseColumnDefinition(cursor).column };
  if (cursor.accept("CHECK", "CONSTRAINT") || cursor.accept("NOCHECK", "CONSTRAINT")) {
    return {
      kind: "toggle",
      constraints: cursor.accept("ALL") ? ["ALL"] : cursor.list(() => cursor.identifier()),
    };
  }
  throw cursor.unsupported(`'ALTER TABLE … ${cursor.token.text}'`);
}

function parseAdd(cursor: Cursor, check: boolean): AlterTableAction {
  const columns: ColumnSyntax[] = [];
  const constraints: ConstraintSyntax[] = [];
  let withValues = false;
  cursor.list(() => {
    if (startsConstraint(cursor) || cursor.isNext("DEFAULT")) constraints.push(parseConstraint(cursor));
    else {
      const parsed = parseColumnDefinition(cursor);
      columns.push(parsed.column);
      constraints.push(...parsed.constraints);
    }
    withValues = cursor.accept("WITH", "VALUES") || withValues;
  });
  return { kind: "add", columns, constraints, check, withValues };
}

/** DROP [CONSTRAINT] [IF EXISTS] a, COLUMN b, …: each item may change what is meant. */
function parseDrop(cursor: Cursor): AlterTableAction {
  const columns: string[] = [];
  const constraints: string[] = [];
  let ifExists = false;
  let target = constraints;
  cursor.list(() => {
    if (cursor.accept("COLUMN")) target = columns;
    else if (cursor.accept("CONSTRAINT")) target = constraints;
    ifExists = cursor.accept("IF", "EXISTS") || ifExists;
    target.push(cursor.identifier());
    skipIndexOptions(cursor);
  });
  return { kind: "drop", columns, constraints, ifExists };
}
