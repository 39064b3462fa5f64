import { isTemporary } from "../../catalog/lookup.ts";
import type { TableObject } from "../../catalog/model.ts";
import { displayName } from "../../catalog/model.ts";
import { cannotAlter, sqlError } from "../../errors.ts";
import { mayDo, toSecurable } from "../../rights/ask.ts";
import { requireInsert, requireWritable } from "../../rights/require.ts";
import type { ObjectName } from "../../syntax/expression.ts";
import type { OutputClause, Statement } from "../../syntax/statement.ts";
import { storageName } from "../../translate/from.ts";
import { remove } from "../../write/delete.ts";
import { referencesTo } from "../../write/foreign-keys.ts";
import { resetIdentity } from "../../write/identity.ts";
import { asValues, insert, insertGiven, type Written } from "../../write/insert.ts";
import { computeOutput } from "../../write/output.ts";
import { requireTable } from "../../write/target.ts";
import { update } from "../../write/update.ts";
import { currentView } from "../connections.ts";
import type { Frame } from "../session-state.ts";
import { write } from "../transactions.ts";
import { sendRows } from "./select.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;

/** INSERT, UPDATE and DELETE, with their OUTPUT. */
export async function runChange(
  frame: Frame,
  statement: Of<"insert"> | Of<"update"> | Of<"delete">,
): Promise<void> {
  const written = await change(frame, statement);
  await reportChange(frame, written, statement.output);
}

function change(frame: Frame, statement: Of<"insert"> | Of<"update"> | Of<"delete">): Promise<Written> {
  switch (statement.kind) {
    case "insert":
      return insert(frame, statement);
    case "update":
      return update(frame, statement);
    case "delete":
      return remove(frame, statement);
  }
}

export async function reportChange(
  frame: Frame,
  written: Written,
  output: OutputClause | undefined,
): Promise<void> {
  const { session, sink } = frame;
  const count = written.rows.length;
  if (output !== undefined && output.into === undefined) {
    const { columns, rows } = computeOutput(frame, written.table, output, written.rows);
    await sendRows(frame, columns, rows);
    session.rowCount = count;
    return;
  }
  if (output?.into !== undefined) await outputInto(frame, written, output, output.into);
  session.rowCount = count;
  sink.done(session.options.noCount ? undefined : count);
}

async function outputInto(
  frame: Frame,
  written: Written,
  output: OutputClause,
  into: ObjectName,
): Promise<void> {
  const { columns, rows } = computeOutput(frame, written.table, output, written.rows);
  requireInsert(frame, into);
  const target = { target: into, columns: output.intoColumns };
  await insertGiven(frame, target, {
    source: "select",
    width: columns.length,
    rows: asValues(columns, rows),
  });
}

/** @throws SqlError 1088, 3906 */
function requireMayTruncate(session: Frame["session"], table: TableObject): void {
  if (isTemporary(table.name)) return;
  if (!mayDo(session, "ALTER", toSecurable(table))) throw cannotAlter(table.name);
  requireWritable(session);
}

/** @throws SqlError 4712 when a foreign key refers to the table. */
export async function runTruncate(frame: Frame, target: ObjectName): Promise<void> {
  const { session } = frame;
  await write(session, frame.signal, (connection) => {
    const table = requireTable(frame, target);
    requireMayTruncate(session, table);
    requireUnreferenced(frame, table);
    connection.exec(`DELETE FROM ${storageName(table)}`);
    resetIdentity(connection, session.database, table.id);
  });
  if (session.transaction !== undefined) session.transaction.forgetIdentities = true;
  frame.sink.done(undefined);
}

function requireUnreferenced(frame: Frame, table: TableObject): void {
  const references = referencesTo(currentView(frame.session).catalog, table);
  if (references.every(({ child }) => child.id === table.id)) return;
  const message = `Cannot truncate table '${displayName(table)}' because it is being referenced by a FOREIGN KEY constraint.`;
  throw sqlError(message, { number: 4712 });
}
