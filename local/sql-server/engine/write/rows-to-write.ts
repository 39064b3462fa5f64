import type { TableObject } from "../catalog/model.ts";
import { invalidObject } from "../errors.ts";
import { unsupported } from "../parser/cursor.ts";
import type { Expression, ObjectName, Query, TableSource } from "../syntax/expression.ts";
import { createTranslation, toPlan, type Plan, type VariableTypes } from "../translate/plan.ts";
import { translateFrom, type FromFragment } from "../translate/from.ts";
import {
  EMPTY_SCOPE,
  type Fragment,
  type Scope,
  type Source,
  type Translation,
} from "../translate/translation.ts";
import type { CatalogView } from "../catalog/lookup.ts";
import { writtenName } from "../catalog/lookup.ts";

/** What UPDATE and DELETE have in common. */
export interface RowSelection {
  readonly target: ObjectName;
  readonly from?: TableSource;
  readonly where?: Expression;
  readonly top?: Expression;
  readonly with?: Query["with"];
}

export interface SelectionPlan {
  readonly plan: Plan;
  readonly table: TableObject;
}

/** Selects rowid, all columns of the table as they are, and the new values. */
export function planSelection(
  view: CatalogView,
  variables: VariableTypes,
  selection: RowSelection,
  valuesOf: (translation: Translation, scope: Scope, table: TableObject) => readonly Fragment[],
): SelectionPlan {
  const translation = createTranslation(view, variables);
  const { from, target, scope } = findTarget(translation, selection);
  const { table, rowid } = target;
  if (table === undefined || rowid === undefined) {
    throw unsupported(
      `writing through a view or common table expression ('${writtenName(selection.target)}')`,
      0,
    );
  }
  const values = valuesOf(translation, scope, table);
  const columns = [...target.columns, ...values];
  const where =
    selection.where === undefined ? "" : ` WHERE ${translation.expression(selection.where, scope).sql}`;
  const limit =
    selection.top === undefined ? "" : ` LIMIT ${translation.expression(selection.top, scope).sql}`;
  const list = [rowid, ...columns.map((column) => column.sql)].join(", ");
  const sql = `SELECT ${list} FROM ${from.sql}${where}${limit}`;
  const output = columns.map(({ type, nullable }) => ({ name: "", type, nullable }));
  return { plan: toPlan(translation, sql, output), table };
}

interface Target {
  readonly from: FromFragment;
  readonly target: Source;
  readonly scope: Scope;
}

/** The target is a table of FROM (by alias or name), or stands for itself. */
function findTarget(translation: Translation, selection: RowSelection): Target {
  const { target } = selection;
  const outer = commonTablesScope(translation, selection.with);
  const from = selection.from === undefined ? undefined : translateFrom(translation, selection.from, outer);
  const found = from === undefined ? undefined : sourceNamed(from.sources, target);
  if (from !== undefined && found !== undefined) {
    return { from, target: found, scope: { ...outer, sources: from.sources } };
  }
  const own = translateFrom(translation, { kind: "table", name: target, alias: "", hints: [] }, outer);
  const [source] = own.sources;
  if (source === undefined) throw invalidObject(writtenName(target));
  const sources = [...own.sources, ...(from?.sources ?? [])];
  const sql = from === undefined ? own.sql : `${own.sql} CROSS JOIN ${from.sql}`;
  return { from: { sql, sources }, target: source, scope: { ...outer, sources } };
}

function sourceNamed(sources: readonly Source[], target: ObjectName): Source | undefined {
  const name = target.name.toLowerCase();
  const exposed = target.schema === "" ? sources.find((source) => source.name === name) : undefined;
  return exposed ?? sources.find((source) => source.table?.name.toLowerCase() === name);
}

/** WITH before UPDATE or DELETE: its tables are read in place. */
function commonTablesScope(translation: Translation, tables: Query["with"] | undefined): Scope {
  if (tables === undefined) return EMPTY_SCOPE;
  const commonTables = new Map(EMPTY_SCOPE.commonTables);
  for (const { name, columns, query } of tables) {
    const { sql, columns: output } = translation.query(query, { ...EMPTY_SCOPE, commonTables });
    const named = output.map((column, index) => ({ ...column, name: columns[index] ?? column.name }));
    commonTables.set(name.toLowerCase(), { sql: `(${sql})`, columns: named });
  }
  return { ...EMPTY_SCOPE, commonTables };
}
