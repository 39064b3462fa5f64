import { conflict } from "../errors.ts";
import { displayName, type CheckConstraint, type TableObject } from "../catalog/model.ts";
import { parseConditionText } from "../parser/parse-batch.ts";
import { createTranslation, toPlan, type Plan } from "../translate/plan.ts";
import { tableSource } from "../translate/from.ts";
import { EMPTY_SCOPE } from "../translate/translation.ts";
import { currentView } from "../run/connections.ts";
import { rowsOf } from "../run/evaluate.ts";
import type { Frame } from "../run/session-state.ts";

/** Plans of the checks of a table as it is: a changed table is another object. */
const plans = new WeakMap<CheckConstraint, Plan>();

/** Looks at the rows a statement wrote. @throws SqlError 547 */
export function requireChecks(
  frame: Frame,
  table: TableObject,
  rowids: readonly number[],
  statement: string,
): void {
  if (rowids.length === 0) return;
  for (const check of table.checks) {
    const plan = plans.get(check) ?? planCheck(frame, table, check);
    plans.set(check, plan);
    if (rowsOf(frame, plan, [JSON.stringify(rowids)]).length === 0) continue;
    const columns = table.columns.filter(({ name }) => new RegExp(`\\b${name}\\b`, "i").test(check.text));
    throw conflict({
      statement,
      kind: "CHECK",
      constraint: check.name,
      database: frame.session.database.name,
      table: displayName(table),
      column: columns.length === 1 ? (columns[0]?.name ?? "") : "",
    });
  }
}

/** Rows for which the condition is false; unknown passes. */
function planCheck(frame: Frame, table: TableObject, check: CheckConstraint): Plan {
  const translation = createTranslation(currentView(frame.session), () => undefined);
  const { sql, sources } = tableSource(translation, table, table.name);
  const condition = translation.expression(parseConditionText(check.text), { ...EMPTY_SCOPE, sources }).sql;
  translation.state.usesDatabase = true;
  translation.parameters.push({ kind: "slot", index: 0 });
  const chosen = `${sources[0]?.rowid ?? "rowid"} IN (SELECT value FROM json_each(?${translation.parameters.length}))`;
  return toPlan(translation, `SELECT 1 FROM ${sql} WHERE ${chosen} AND NOT (${condition}) LIMIT 1`, []);
}
