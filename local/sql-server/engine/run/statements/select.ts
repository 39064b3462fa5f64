import type { SqlColumn } from "../../../session.ts";
import { sqlError, undeclaredVariable } from "../../errors.ts";
import { createTable } from "../../define/create-table.ts";
import type { Row } from "../../storage/connection.ts";
import type { ObjectName, Query, Select, SelectItem } from "../../syntax/expression.ts";
import { createTranslation, planQuery, toPlan, type Plan } from "../../translate/plan.ts";
import { EMPTY_SCOPE, type OutputColumn } from "../../translate/translation.ts";
import { convert } from "../../types/convert.ts";
import { toSqlValue } from "../../types/values.ts";
import { asValues, insertGiven } from "../../write/insert.ts";
import { connectionFor, evaluateAs, fillParameters, rowsOf } from "../evaluate.ts";
import { requireDefinition } from "../../rights/require-definition.ts";
import { planOnce } from "../plan-cache.ts";
import { Cancelled, type Frame } from "../session-state.ts";
import { enlist, enlistReader, write } from "../transactions.ts";

type Assignment = Extract<SelectItem, { kind: "assign" }>;

/** SELECT as a statement: rows to the client, into variables, or into a new table. */
export async function runSelect(frame: Frame, { query }: { readonly query: Query }): Promise<void> {
  const select = query.body.kind === "select" ? query.body : undefined;
  const assignments = select?.items.filter((item) => item.kind === "assign") ?? [];
  if (select !== undefined && assignments.length > 0) return assign(frame, query, select, assignments);
  if (select?.into !== undefined) return selectInto(frame, query, select.into);
  const plan = planOnce(frame, query, (view, variables) => planQuery(view, variables, query));
  await isolate(frame, plan);
  const { formatOnly } = frame.session.options;
  await sendRows(frame, plan.columns, formatOnly ? [] : rowsLazily(frame, plan));
}

/** Readers that must see no change after them take the writer's place; snapshots begin here. */
async function isolate(frame: Frame, plan: Plan): Promise<void> {
  const { session } = frame;
  const { transaction, options } = session;
  if (transaction === undefined || !plan.state.readsTables) return;
  const locks =
    plan.state.locks || options.isolation === "serializable" || options.isolation === "repeatableRead";
  if (locks && !transaction.doomed) await enlist(session, transaction, frame.signal);
  else if (options.isolation === "snapshot") enlistReader(session, transaction);
}

function rowsLazily(frame: Frame, plan: Plan): Iterable<Row> {
  // The scratch connection is everybody's: nothing may stay open on it.
  if (!plan.state.usesDatabase) return rowsOf(frame, plan);
  return connectionFor(frame, plan).iterate(plan.sql, fillParameters(frame, plan));
}

export async function sendRows(
  frame: Frame,
  columns: readonly OutputColumn[],
  rows: Iterable<Row>,
): Promise<void> {
  const { session, sink, signal } = frame;
  const types = columns.map((column) => column.type);
  let count = 0;
  let told = false;
  const limit = session.options.rowLimit === 0 ? Infinity : session.options.rowLimit;
  for (const row of rows) {
    if (!told) sink.columns(columns.map(toSqlColumn));
    told = true;
    const waiting = sink.row(types.map((type, index) => toSqlValue(row[index] ?? null, type)));
    if (waiting !== undefined) await waiting;
    if (signal.aborted) throw new Cancelled();
    count++;
    if (count >= limit) break;
  }
  if (!told) sink.columns(columns.map(toSqlColumn));
  session.rowCount = count;
  sink.done(session.options.noCount ? undefined : count);
}

function toSqlColumn({ name, type, nullable, identity }: OutputColumn): SqlColumn {
  return { name, type, nullable, ...(identity === true ? { identity } : {}) };
}

/** @throws SqlError 141 when values and assignments are mixed. */
async function assign(
  frame: Frame,
  query: Query,
  select: Select,
  items: readonly Assignment[],
): Promise<void> {
  if (items.length !== select.items.length) {
    const message =
      "A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.";
    throw sqlError(message, { number: 141, class: 15 });
  }
  if (select.from === undefined && select.where === undefined) assignInOrder(frame, items);
  else await assignFromRows(frame, query, items);
  frame.sink.done(undefined);
}

function assignInOrder(frame: Frame, items: readonly Assignment[]): void {
  for (const { variable, expression } of items) {
    const target = requireVariable(frame, variable);
    target.value = evaluateAs(frame, expression, target.type);
  }
  frame.session.rowCount = 1;
}

function requireVariable(frame: Frame, name: string): NonNullable<ReturnType<Frame["variables"]["get"]>> {
  const variable = frame.variables.get(name.toLowerCase());
  if (variable === undefined) throw undeclaredVariable(name);
  return variable;
}

/** The variables keep the last row's values; `@s = @s + x` sees the row before. */
async function assignFromRows(frame: Frame, query: Query, items: readonly Assignment[]): Promise<void> {
  const targets = items.map(({ variable }) => requireVariable(frame, variable));
  const plan = planOnce(frame, query, (view, variables) => {
    const live = new Set(items.map(({ variable }) => variable.toLowerCase()));
    const translation = createTranslation(view, variables, live);
    const { sql, columns } = translation.query(query, EMPTY_SCOPE);
    return toPlan(translation, sql, columns);
  });
  await isolate(frame, plan);
  let count = 0;
  for (const row of connectionFor(frame, plan).iterate(plan.sql, fillParameters(frame, plan))) {
    targets.forEach((target, index) => {
      target.value = convert(row[index] ?? null, plan.columns[index]?.type ?? target.type, target.type);
    });
    count++;
  }
  frame.session.rowCount = count;
}

/** SELECT … INTO makes the table from the query's columns. */
async function selectInto(frame: Frame, query: Query, into: ObjectName): Promise<void> {
  const plan = planOnce(frame, query, (view, variables) => planQuery(view, variables, query));
  const rows = rowsOf(frame, plan);
  const columns = plan.columns.map(({ name, type, nullable, identity }, index) => {
    if (name === "") {
      const message = `An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias to a valid name.`;
      throw sqlError(message, { number: 1038, class: 15, state: 5 });
    }
    const counts = identity === true ? { identity: { seed: 1, increment: 1 } } : {};
    return { name, type: typeInTable(type), typeName: type.name, nullable, line: index, ...counts };
  });
  const { session, signal } = frame;
  const table = { kind: "createTable", name: into, columns, constraints: [], indexes: [] } as const;
  requireDefinition(session, table);
  await write(session, signal, (connection) => createTable(session, connection, table));
  const { options } = session;
  const names = columns.map((column) => column.name);
  const counted = columns.some((column) => "identity" in column);
  const schema = into.schema === "" ? "dbo" : into.schema;
  if (counted) session.options = { ...options, identityInsert: `${schema}.${into.name}`.toLowerCase() };
  try {
    const given = { source: "select", width: names.length, rows: asValues(plan.columns, rows) } as const;
    await insertGiven(frame, { target: into, columns: names }, given);
  } finally {
    session.options = options;
  }
  session.rowCount = rows.length;
  frame.sink.done(options.noCount ? undefined : rows.length);
}

/** A literal '' has no length to speak of. */
function typeInTable(type: OutputColumn["type"]): OutputColumn["type"] {
  return type.length === 0 ? { name: type.name, length: 1 } : type;
}
