import { keyOf, type TableObject } from "../catalog/model.ts";
import { invalidObject } from "../errors.ts";
import { unsupported } from "../parser/cursor.ts";
import type { Expression, ObjectName, Query, TableSource } from "../syntax/expression.ts";
import { createTranslation, toPlan, type Plan } from "../translate/plan.ts";
import { translateFrom, type FromFragment } from "../translate/from.ts";
import {
  EMPTY_SCOPE,
  type Fragment,
  type Scope,
  type Source,
  type Translation,
} from "../translate/translation.ts";
import { findObject, writtenName } from "../catalog/lookup.ts";
import { currentView } from "../run/connections.ts";
import { planOnce } from "../run/plan-cache.ts";
import type { Frame } from "../run/session-state.ts";

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

type ValuesOf = (translation: Translation, scope: Scope, table: TableObject) => readonly Fragment[];

/** Plans are shared by databases of one shape, in which the table of the same name is another one. */
const targets = new WeakMap<Plan, ObjectName>();

/** Selects rowid, all columns of the table as they are, and the new values. The statement is the plan's key. */
export function planSelection(frame: Frame, statement: RowSelection, valuesOf: ValuesOf): SelectionPlan {
  const plan = planOnce(frame, statement, (view, variables) => {
    const translation = createTranslation(view, variables);
    const { plan: made, table } = select(translation, statement, valuesOf);
    targets.set(made, { database: "", schema: table.schema, name: table.name, line: 0 });
    return made;
  });
  const target = targets.get(plan);
  const table = target && findObject(currentView(frame.session), target);
  if (table?.kind !== "table") throw new Error("the plan fits no table");
  return { plan, table };
}

function select(translation: Translation, selection: RowSelection, valuesOf: ValuesOf): SelectionPlan {
  const { from, target, scope } = findTarget(translation, selection);
  const { table, rowid } = target;
  if (table === undefined || rowid === undefined) {
    const written = writtenName(selection.target);
    throw unsupported(`writing through a view or common table expression ('${written}')`, 0);
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
  const { state } = translation;
  // Without a look at any value, the permission to change the rows is enough.
  if (!state.usesColumns) state.reads = state.reads.filter((read) => !isTarget(read, table));
  return { plan: toPlan(translation, sql, output), table };
}

function isTarget(read: ObjectName, table: TableObject): boolean {
  const schema = read.schema === "" ? "dbo" : read.schema;
  return keyOf(schema, read.name) === keyOf(table.schema, table.name);
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
