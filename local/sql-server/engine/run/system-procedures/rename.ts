import { findObject, parseWrittenName } from "../../catalog/lookup.ts";
import { findColumn, keyOf, type TableObject } from "../../catalog/model.ts";
import { saveObject } from "../../catalog/store.ts";
import { sqlError } from "../../errors.ts";
import { mayDo, toSecurable } from "../../rights/ask.ts";
import { requireWritable } from "../../rights/require.ts";
import type { Connection } from "../../storage/connection.ts";
import { storageName } from "../../translate/from.ts";
import { quoteName } from "../../translate/translation.ts";
import { currentView } from "../connections.ts";
import type { Argument, CallResult } from "../procedure-call.ts";
import type { Frame } from "../session-state.ts";
import { write } from "../transactions.ts";
import { named, textOf } from "./call.ts";

/** sp_rename of tables and columns. @throws SqlError 15225, 15335 */
export async function rename(frame: Frame, values: readonly Argument[]): Promise<CallResult> {
  const given = named("sp_rename", ["@objname", "@newname", "@objtype"], 2, values);
  const from = textOf(given.get("@objname")?.value, "");
  const to = textOf(given.get("@newname")?.value, "");
  const kind = textOf(given.get("@objtype")?.value, "OBJECT").toUpperCase();
  requireWritable(frame.session);
  await write(frame.session, frame.signal, (connection) => {
    if (kind === "COLUMN") renameColumn(frame, connection, from, to);
    else renameTable(frame, connection, from, to);
  });
  const message = "Caution: Changing any part of an object name could break scripts and stored procedures.";
  frame.sink.info({ number: 15477, class: 0, state: 1, message, line: 1, procedure: "sp_rename" });
  return { status: 0, flow: "next" };
}

function renameTable(frame: Frame, connection: Connection, from: string, to: string): void {
  const { catalog } = currentView(frame.session);
  const table = findObject(currentView(frame.session), parseWrittenName(from));
  if (table?.kind !== "table" || !mayRename(frame, table)) throw notFound(frame, from, "OBJECT");
  if (catalog.objects.has(keyOf(table.schema, to))) throw taken(to, "OBJECT");
  const renamed = { ...table, name: to };
  connection.exec(`ALTER TABLE ${storageName(table)} RENAME TO ${storageName(renamed)}`);
  saveObject(connection, renamed);
}

/** `table.column` or `schema.table.column`. */
function renameColumn(frame: Frame, connection: Connection, from: string, to: string): void {
  const path = parseWrittenName(from);
  const name = { database: "", schema: path.database, name: path.schema, line: 0 };
  const table = findObject(currentView(frame.session), name);
  const column = table?.kind === "table" ? findColumn(table, path.name) : undefined;
  if (table?.kind !== "table" || column === undefined || !mayRename(frame, table))
    throw notFound(frame, from, "COLUMN");
  if (findColumn(table, to) !== undefined) throw taken(to, "COLUMN");
  connection.exec(
    `ALTER TABLE ${storageName(table)} RENAME COLUMN ${quoteName(column.name)} TO ${quoteName(to)}`,
  );
  saveObject(connection, withRenamed(table, column.name, to));
}

function mayRename({ session }: Frame, table: TableObject): boolean {
  return mayDo(session, "ALTER", toSecurable(table));
}

function withRenamed(table: TableObject, from: string, to: string): TableObject {
  const swap = (name: string): string => (name.toLowerCase() === from.toLowerCase() ? to : name);
  return {
    ...table,
    columns: table.columns.map((column) => ({ ...column, name: swap(column.name) })),
    indexes: table.indexes.map((index) => ({
      ...index,
      columns: index.columns.map((key) => ({ ...key, name: swap(key.name) })),
      include: index.include.map(swap),
    })),
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(swap) })),
  };
}

function notFound(frame: Frame, name: string, kind: string): Error {
  const message = `No item by the name of '${name}' could be found in the current database '${frame.session.database.name}', given that @itemtype was input as '(${kind})'.`;
  return sqlError(message, { number: 15225, class: 11 });
}

function taken(name: string, kind: string): Error {
  const message = `Error: The new name '${name}' is already in use as a ${kind} name and would cause a duplicate that is not permitted.`;
  return sqlError(message, { number: 15335, class: 11 });
}
