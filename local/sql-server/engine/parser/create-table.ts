import type { ObjectName } from "../syntax/expression.ts";
import type {
  ColumnSyntax,
  ConstraintSyntax,
  DefinitionStatement,
  IndexSyntax,
} from "../syntax/statement.ts";
import { parseColumnDefinition } from "./column-definition.ts";
import { parseConstraint, parseKeyColumns, startsConstraint } from "./constraint.ts";
import type { Cursor } from "./cursor.ts";
import { skipIndexOptions } from "./index-options.ts";
import { parseObjectName } from "./object-name.ts";

type CreateTable = Extract<DefinitionStatement, { kind: "createTable" }>;

export function parseCreateTable(cursor: Cursor): CreateTable {
  const table = parseTableBody(cursor, parseObjectName(cursor));
  skipIndexOptions(cursor);
  return table;
}

/** The parenthesis with columns, constraints and indexes. */
export function parseTableBody(cursor: Cursor, name: ObjectName): CreateTable {
  const columns: ColumnSyntax[] = [];
  const constraints: ConstraintSyntax[] = [];
  const indexes: IndexSyntax[] = [];
  cursor.expect("(");
  do {
    if (cursor.isNext(")")) break;
    if (cursor.isNext("INDEX")) indexes.push(parseInlineIndex(cursor));
    else if (startsConstraint(cursor)) constraints.push(parseConstraint(cursor));
    else {
      const parsed = parseColumnDefinition(cursor);
      columns.push(parsed.column);
      constraints.push(...parsed.constraints);
    }
  } while (cursor.accept(","));
  cursor.expect(")");
  return { kind: "createTable", name, columns, constraints, indexes };
}

function parseInlineIndex(cursor: Cursor): IndexSyntax {
  cursor.expect("INDEX");
  const name = cursor.identifier();
  const unique = cursor.accept("UNIQUE");
  const clustered = cursor.accept("CLUSTERED");
  if (!clustered) cursor.accept("NONCLUSTERED");
  const columns = parseKeyColumns(cursor);
  skipIndexOptions(cursor);
  return { name, unique, clustered, columns, include: [], filter: "" };
}
