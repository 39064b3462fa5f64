import type { DeleteStatement } from "../syntax/statement.ts";
import { currentView } from "../run/connections.ts";
import { connectionFor, fillParameters } from "../run/evaluate.ts";
import type { Frame } from "../run/session-state.ts";
import { write } from "../run/transactions.ts";
import { requireChange } from "../rights/require.ts";
import type { Written } from "./insert.ts";
import { followReferences } from "./referential-actions.ts";
import { planSelection, type RowSelection, type SelectionPlan } from "./rows-to-write.ts";
import { createTableWriter } from "./table-writer.ts";

type Delete = DeleteStatement & Pick<RowSelection, "with">;

/** DELETE … [FROM …] [WHERE …]. */
export async function remove(frame: Frame, statement: Delete): Promise<Written> {
  planDelete(frame, statement);
  return write(frame.session, frame.signal, (connection) => {
    const { plan, table } = planDelete(frame, statement);
    requireChange(frame, "DELETE", table);
    const rows = new Map(
      connectionFor(frame, plan)
        .all(plan.sql, fillParameters(frame, plan))
        .map((row) => [Number(row[0]), row.slice(1)] as const),
    );
    const writer = createTableWriter(connection, table);
    for (const rowid of rows.keys()) writer.remove(rowid);
    const { catalog } = currentView(frame.session);
    const context = { catalog, connection, database: frame.session.database.name };
    const before = [...rows.values()];
    followReferences(
      context,
      table,
      before.map((row) => ({ before: row, now: undefined })),
    );
    return { table, rows: before.map((deleted) => ({ inserted: undefined, deleted })) };
  });
}

/** What can be known before it runs. @throws SqlError 207, 208 … */
export function checkDelete(frame: Frame, statement: Delete): void {
  planDelete(frame, statement);
}

function planDelete(frame: Frame, statement: Delete): SelectionPlan {
  return planSelection(frame, statement, () => []);
}
