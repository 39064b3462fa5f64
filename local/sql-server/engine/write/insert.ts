import type { Row } from "../storage/connection.ts";
import { findColumn, type TableObject } from "../catalog/model.ts";
import { invalidColumn } from "../errors.ts";
import type { Expression, Query } from "../syntax/expression.ts";
import type { InsertStatement } from "../syntax/statement.ts";
import { createTranslation, planQuery, toPlan, type Plan } from "../translate/plan.ts";
import { EMPTY_SCOPE, type OutputColumn } from "../translate/translation.ts";
import { connectionFor, fillParameters } from "../run/evaluate.ts";
import { planOnce } from "../run/plan-cache.ts";
import type { Frame } from "../run/session-state.ts";
import { write } from "../run/transactions.ts";
import { requireInsert } from "../rights/require.ts";
import { chooseColumns, requireWidth, type InsertSource } from "./insert-columns.ts";
import { insertRows, type InsertPlan, type InsertValue } from "./insert-rows.ts";
import type { WrittenRow } from "./output.ts";
import { requireTable } from "./target.ts";

export interface Written {
  readonly table: TableObject;
  readonly rows: readonly WrittenRow[];
}

type Insert = InsertStatement & { readonly with?: Query["with"] };

/** What can be known before it runs. @throws SqlError 207, 208 … */
export function checkInsert(frame: Frame, statement: Insert): void {
  const { source } = statement;
  if (source.kind === "values") planValues(frame, statement, source.rows);
  if (source.kind === "query") planSource(frame, statement, source);
  const table = requireTable(frame, statement.target);
  const unknown = statement.columns.find((name) => findColumn(table, name) === undefined);
  if (unknown !== undefined) throw invalidColumn(unknown);
}

function planSource(frame: Frame, statement: Insert, source: Query): Plan {
  const query = statement.with === undefined ? source : { ...source, with: statement.with };
  return planOnce(frame, statement, (view, variables) => planQuery(view, variables, query));
}

/** INSERT … VALUES, SELECT or DEFAULT VALUES. */
export async function insert(frame: Frame, statement: Insert): Promise<Written> {
  requireInsert(frame, statement.target);
  const { source } = statement;
  switch (source.kind) {
    case "values":
      return insertPlanned(frame, statement, () => planValues(frame, statement, source.rows), source.rows);
    case "query":
      return insertPlanned(frame, statement, () => planSource(frame, statement, source));
    case "defaults":
      return insertGiven(frame, statement, { source: "defaults", width: undefined, rows: [[]] });
    case "execute":
    case "executeText":
      throw new Error("INSERT … EXEC is run by its statement");
  }
}

/** All rows of VALUES as one query; DEFAULT stands as NULL and is filled in later. */
function planValues(frame: Frame, node: object, rows: readonly (readonly Expression[])[]): Plan {
  return planOnce(frame, node, (view, variables) => {
    const translation = createTranslation(view, variables);
    const cells = rows.map((row) =>
      row.map((value) => (value.kind === "default" ? NULL : translation.expression(value, EMPTY_SCOPE))),
    );
    const sql = cells.map((row) => `(${row.map((cell) => cell.sql).join(", ")})`).join(", ");
    const columns = cells.flat().map(({ type, nullable }) => ({ name: "", type, nullable }));
    return toPlan(translation, `VALUES ${sql}`, columns);
  });
}

const NULL = { sql: "NULL", type: { name: "int" }, nullable: true } as const;

/** Planned twice: now, to refuse what is wrong, and (mostly from the cache) once the writer's lock is held. */
async function insertPlanned(
  frame: Frame,
  statement: Insert,
  makePlan: () => Plan,
  rows?: readonly (readonly Expression[])[],
): Promise<Written> {
  const width = rows?.[0]?.length ?? makePlan().columns.length;
  const uneven = rows?.find((row) => row.length !== width);
  if (uneven !== undefined) requireWidth("values", width, uneven.length);
  const read = (): readonly (readonly InsertValue[])[] => {
    const plan = makePlan();
    return connectionFor(frame, plan)
      .all(plan.sql, fillParameters(frame, plan))
      .map((row, at) => row.map((value, index) => cell(value, plan.columns, rows, [at, index])));
  };
  return insertGiven(frame, statement, {
    source: rows === undefined ? "select" : "values",
    width,
    rows: read,
  });
}

function cell(
  value: Row[number],
  columns: readonly OutputColumn[],
  rows: readonly (readonly Expression[])[] | undefined,
  [at, index]: readonly [number, number],
): InsertValue {
  if (rows?.[at]?.[index]?.kind === "default") return "default";
  const place = rows === undefined ? index : at * (rows[0]?.length ?? 0) + index;
  return { value, type: columns[place]?.type ?? NULL.type };
}

export interface GivenRows {
  readonly source: InsertSource;
  readonly width: number | undefined;
  /** A function reads inside the writing transaction. */
  readonly rows: readonly (readonly InsertValue[])[] | (() => readonly (readonly InsertValue[])[]);
}

export async function insertGiven(
  frame: Frame,
  statement: Pick<InsertStatement, "target" | "columns">,
  given: GivenRows,
): Promise<Written> {
  const table = requireTable(frame, statement.target);
  planInsert(frame, table, statement.columns, given);
  const rows = await write(frame.session, frame.signal, (connection) => {
    // The wait for the writer's lock may have brought another version of the table.
    const current = requireTable(frame, statement.target);
    const values = typeof given.rows === "function" ? given.rows() : given.rows;
    return insertRows(frame, connection, planInsert(frame, current, statement.columns, given), values);
  });
  return { table, rows: rows.map((inserted) => ({ inserted, deleted: undefined })) };
}

function planInsert(
  frame: Frame,
  table: TableObject,
  names: readonly string[],
  given: GivenRows,
): InsertPlan {
  if (names.length > 0 && given.width !== undefined) requireWidth(given.source, names.length, given.width);
  const chosen = chooseColumns(frame, table, names, given.width);
  return { table, places: table.columns.map((_column, index) => chosen.indexOf(index)), statement: "INSERT" };
}

/** Rows made elsewhere (OUTPUT INTO, INSERT … EXEC, SELECT INTO). */
export function asValues(
  columns: readonly OutputColumn[],
  rows: readonly Row[],
): readonly (readonly InsertValue[])[] {
  return rows.map((row) =>
    row.map((value, index) => ({ value, type: columns[index]?.type ?? { name: "int" as const } })),
  );
}
