import { invalidColumn, sqlError, undeclaredVariable } from "../errors.ts";
import { findColumn, type TableObject } from "../catalog/model.ts";
import type { Connection, Row } from "../storage/connection.ts";
import type { Storage } from "../syntax/expression.ts";
import type { UpdateStatement } from "../syntax/statement.ts";
import { convert } from "../types/convert.ts";
import type { Fragment, Scope, Translation } from "../translate/translation.ts";
import { currentView } from "../run/connections.ts";
import { connectionFor, fillParameters } from "../run/evaluate.ts";
import type { Frame } from "../run/session-state.ts";
import { write } from "../run/transactions.ts";
import { requireChange } from "../rights/require.ts";
import { requireChecks } from "./check.ts";
import { defaultOf } from "./defaults.ts";
import { fit } from "./fit.ts";
import { requireParents } from "./foreign-keys.ts";
import type { Written } from "./insert.ts";
import { followReferences } from "./referential-actions.ts";
import { planSelection, type RowSelection, type SelectionPlan } from "./rows-to-write.ts";
import { createTableWriter, positionOf } from "./table-writer.ts";
import { targetOf } from "./target.ts";

type Update = UpdateStatement & Pick<RowSelection, "with">;

interface ChangedRow {
  readonly rowid: number;
  readonly before: Row;
  readonly now: Row;
}

/** UPDATE … SET … [FROM …] [WHERE …]. */
export async function update(frame: Frame, statement: Update): Promise<Written> {
  planUpdate(frame, statement);
  return write(frame.session, frame.signal, (connection) => {
    const { plan, table } = planUpdate(frame, statement);
    requireChange(frame, "UPDATE", table);
    const rows = connectionFor(frame, plan).all(plan.sql, fillParameters(frame, plan));
    const changes = once(rows).map((row) => changeRow(frame, statement, { plan, table }, row));
    store(connection, table, changes);
    requireConstraints(frame, connection, table, changes);
    return { table, rows: changes.map(({ before, now }) => ({ inserted: now, deleted: before })) };
  });
}

/** What can be known before it runs. @throws SqlError 207, 208 … */
export function checkUpdate(frame: Frame, statement: Update): void {
  planUpdate(frame, statement);
}

function planUpdate(frame: Frame, statement: Update): SelectionPlan {
  for (const { variable, line } of statement.assignments) {
    if (variable !== undefined && !frame.variables.has(variable.toLowerCase())) {
      throw undeclaredVariable(variable, line);
    }
  }
  return planSelection(frame, statement, (translation, scope, table) =>
    statement.assignments.map((assignment) => {
      if (assignment.column !== undefined) requireWritable(table, assignment.column, assignment.line);
      return valueOf(translation, assignment, scope);
    }),
  );
}

function valueOf(translation: Translation, { value }: Update["assignments"][number], scope: Scope): Fragment {
  if (value.kind === "default") return { sql: "NULL", type: { name: "int" }, nullable: true };
  return translation.expression(value, scope);
}

/** @throws SqlError 207, 8102 */
function requireWritable(table: TableObject, name: string, line: number): void {
  const column = findColumn(table, name);
  if (column === undefined) throw invalidColumn(name, line);
  if (column.identity !== undefined)
    throw sqlError(`Cannot update identity column '${column.name}'.`, { number: 8102 });
}

/** A join may find a row several times; it is changed once. */
function once(rows: readonly Row[]): readonly Row[] {
  const seen = new Set<Storage>();
  return rows.filter((row) => {
    const rowid = row[0] ?? null;
    if (seen.has(rowid)) return false;
    seen.add(rowid);
    return true;
  });
}

function changeRow(frame: Frame, statement: Update, { plan, table }: SelectionPlan, row: Row): ChangedRow {
  const width = table.columns.length;
  const before = row.slice(1, width + 1);
  const now = [...before];
  const target = targetOf(frame, table, "UPDATE");
  statement.assignments.forEach(({ column: name, variable, value }, index) => {
    const given = row[width + 1 + index] ?? null;
    const type = plan.columns[width + index]?.type ?? { name: "int" as const };
    const column = name === undefined ? undefined : findColumn(table, name);
    if (column !== undefined) {
      const source = value.kind === "default" ? defaultOf(frame, column) : { value: given, type };
      now[positionOf(table, column.name)] = fit(source.value, source.type, column, target);
    }
    const assigned = variable === undefined ? undefined : frame.variables.get(variable.toLowerCase());
    if (assigned !== undefined) assigned.value = convert(given, type, assigned.type);
  });
  return { rowid: Number(row[0]), before, now };
}

/** Keys of several rows may change places, so those rows are taken out first. */
function store(connection: Connection, table: TableObject, changes: readonly ChangedRow[]): void {
  const writer = createTableWriter(connection, table);
  const keys = new Set(
    table.indexes.flatMap((index) =>
      index.unique ? index.columns.map(({ name }) => positionOf(table, name)) : [],
    ),
  );
  const movesKeys = changes.some(({ before, now }) => [...keys].some((key) => before[key] !== now[key]));
  if (!movesKeys || changes.length < 2) {
    for (const { rowid, now } of changes) writer.update(rowid, now);
    return;
  }
  for (const { rowid } of changes) writer.remove(rowid);
  for (const { rowid, now } of changes) writer.insert(now, rowid);
}

function requireConstraints(
  frame: Frame,
  connection: Connection,
  table: TableObject,
  changes: readonly ChangedRow[],
): void {
  const { catalog } = currentView(frame.session);
  const context = { catalog, connection, database: frame.session.database.name };
  const rowids = changes.map(({ rowid }) => rowid);
  requireChecks(frame, table, rowids, "UPDATE");
  requireParents(context, table, rowids, "UPDATE");
  followReferences(context, table, changes);
}
