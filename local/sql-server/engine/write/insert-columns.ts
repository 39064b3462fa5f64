import { invalidColumn, sqlError } from "../errors.ts";
import { displayName, keyOf, type TableObject } from "../catalog/model.ts";
import type { Frame } from "../run/session-state.ts";
import { positionOf } from "./table-writer.ts";

/** What the source of an INSERT is, for the messages about a wrong number of values. */
export type InsertSource = "values" | "select" | "defaults" | "execute";

/** The table's columns (by position) that the source's values go to. @throws SqlError 207, 213, 264, 544, 545, 8101 */
export function chooseColumns(
  frame: Frame,
  table: TableObject,
  names: readonly string[],
  width: number | undefined,
): readonly number[] {
  if (width === undefined && names.length === 0) return [];
  const manual = allowsIdentity(frame, table);
  const identity = table.columns.findIndex((column) => column.identity !== undefined);
  if (names.length === 0) return implicitColumns(table, width ?? 0, identity, manual);
  const chosen = names.map((name) => {
    const position = positionOf(table, name);
    if (position < 0) throw invalidColumn(name);
    return position;
  });
  requireOnce(names);
  if (identity >= 0 && chosen.includes(identity) !== manual) throw identityError(table, manual);
  return chosen;
}

function implicitColumns(
  table: TableObject,
  width: number,
  identity: number,
  manual: boolean,
): readonly number[] {
  const all = table.columns.map((_column, index) => index);
  const expected = all.filter((index) => index !== identity);
  if (width === expected.length && !(manual && identity >= 0)) return expected;
  if (identity >= 0 && width === all.length) {
    const message = `An explicit value for the identity column in table '${displayName(table)}' can only be specified when a column list is used and IDENTITY_INSERT is ON.`;
    throw sqlError(message, { number: 8101 });
  }
  const message = "Column name or number of supplied values does not match table definition.";
  throw sqlError(message, { number: 213 });
}

function requireOnce(names: readonly string[]): void {
  const lower = names.map((name) => name.toLowerCase());
  const twice = names.find((_name, index) => lower.indexOf(lower[index] ?? "") !== index);
  if (twice === undefined) return;
  const message = `The column name '${twice}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.`;
  throw sqlError(message, { number: 264 });
}

function allowsIdentity(frame: Frame, table: TableObject): boolean {
  return frame.session.options.identityInsert === keyOf(table.schema, table.name);
}

function identityError(table: TableObject, manual: boolean): Error {
  if (manual) {
    const message = `Explicit value must be specified for identity column in table '${table.name}' either when IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR REPLICATION identity column.`;
    return sqlError(message, { number: 545 });
  }
  const message = `Cannot insert explicit value for identity column in table '${table.name}' when IDENTITY_INSERT is set to OFF.`;
  return sqlError(message, { number: 544 });
}

/** @throws SqlError 109, 110, 120, 121 */
export function requireWidth(source: InsertSource, columns: number, values: number): void {
  if (columns === values || source === "defaults") return;
  if (source === "values") {
    const more = columns > values;
    const message = `There are ${more ? "more" : "fewer"} columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.`;
    throw sqlError(message, { number: more ? 109 : 110, class: 15 });
  }
  const fewer = columns > values;
  const message = `The select list for the INSERT statement contains ${fewer ? "fewer" : "more"} items than the insert list. The number of SELECT values must match the number of INSERT columns.`;
  throw sqlError(message, { number: fewer ? 120 : 121, class: 15 });
}
