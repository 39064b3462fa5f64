import type { TableObject } from "../catalog/model.ts";
import type { Row } from "../storage/connection.ts";
import type { OutputClause } from "../syntax/statement.ts";
import { createTranslation, toPlan, type Plan } from "../translate/plan.ts";
import { translateItems } from "../translate/select.ts";
import {
  bind,
  EMPTY_SCOPE,
  type OutputColumn,
  type Source,
  type Translation,
} from "../translate/translation.ts";
import { currentView } from "../run/connections.ts";
import { rowsOf } from "../run/evaluate.ts";
import type { Frame } from "../run/session-state.ts";

/** One written row: values of all columns before and after. */
export interface WrittenRow {
  readonly inserted: Row | undefined;
  readonly deleted: Row | undefined;
}

export interface OutputRows {
  readonly columns: readonly OutputColumn[];
  readonly rows: readonly Row[];
}

/** OUTPUT: the items computed for every written row. */
export function computeOutput(
  frame: Frame,
  table: TableObject,
  clause: OutputClause,
  written: readonly WrittenRow[],
): OutputRows {
  const plan = planOutput(frame, table, clause);
  const width = table.columns.length;
  const blank: Row = Array.from({ length: width }, () => null);
  const rows = written.flatMap(({ inserted, deleted }) =>
    rowsOf(frame, plan, [...(inserted ?? blank), ...(deleted ?? blank)]),
  );
  return { columns: plan.columns, rows };
}

function planOutput(frame: Frame, table: TableObject, clause: OutputClause): Plan {
  const view = currentView(frame.session);
  const translation = createTranslation(view, (name) => frame.variables.get(name)?.type);
  const sources = [
    sourceOf(translation, table, "inserted", 0),
    sourceOf(translation, table, "deleted", table.columns.length),
  ];
  const items = translateItems(translation, clause.items, { ...EMPTY_SCOPE, sources });
  // SQLite knows as many parameters as the highest one used.
  const all = `FROM (SELECT ?${translation.parameters.length})`;
  return toPlan(translation, `SELECT ${items.sql} ${all}`, items.columns);
}

function sourceOf(translation: Translation, table: TableObject, name: string, first: number): Source {
  const columns = table.columns.map((column, index) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    sql: bind(translation, { kind: "slot", index: first + index }),
  }));
  return { name, columns };
}
