import type { SqlType } from "../../session.ts";
import type { TableColumn, TableObject } from "../catalog/model.ts";
import type { Connection, Row } from "../storage/connection.ts";
import type { Storage } from "../syntax/expression.ts";
import { currentView } from "../run/connections.ts";
import type { Frame } from "../run/session-state.ts";
import { convert } from "../types/convert.ts";
import { BIGINT, isExact } from "../types/sql-type.ts";
import { requireChecks } from "./check.ts";
import { defaultOf } from "./defaults.ts";
import { fit } from "./fit.ts";
import { requireParents } from "./foreign-keys.ts";
import { lastIdentity, nextIdentity, rememberIdentity } from "./identity.ts";
import { createTableWriter } from "./table-writer.ts";
import { targetOf } from "./target.ts";

/** A value to insert; "default" is the column's default. */
export type InsertValue = { readonly value: Storage; readonly type: SqlType } | "default";

export interface InsertPlan {
  readonly table: TableObject;
  /** For each column of the table, its place in a row of values; -1: not given. */
  readonly places: readonly number[];
  /** MERGE and INSERT both insert; messages name the statement. */
  readonly statement: string;
}

/** Inserts rows, gives identities, checks constraints. @returns the stored rows */
export function insertRows(
  frame: Frame,
  connection: Connection,
  plan: InsertPlan,
  rows: Iterable<readonly InsertValue[]>,
): readonly Row[] {
  const { table, places, statement } = plan;
  const writer = createTableWriter(connection, table);
  const target = targetOf(frame, table, "INSERT");
  const stored: Row[] = [];
  const rowids: number[] = [];
  for (const row of rows) {
    const values = table.columns.map((column, index) => {
      const given = row[places[index] ?? -1];
      if (column.identity !== undefined) return identityValue(frame, connection, table, { column, given });
      const { value, type } = given === undefined || given === "default" ? defaultOf(frame, column) : given;
      return fit(value, type, column, target);
    });
    rowids.push(writer.insert(values));
    stored.push(values);
  }
  requireChecks(frame, table, rowids, statement);
  const { catalog } = currentView(frame.session);
  requireParents({ catalog, connection, database: frame.session.database.name }, table, rowids, statement);
  return stored;
}

interface IdentityInput {
  readonly column: TableColumn;
  readonly given: InsertValue | undefined;
}

function identityValue(
  frame: Frame,
  connection: Connection,
  table: TableObject,
  { column, given }: IdentityInput,
): Storage {
  const { session } = frame;
  const { database } = session;
  let value: number;
  if (given === undefined || given === "default") value = nextIdentity(connection, database, table);
  else {
    value = Number(
      fit(given.value, given.type, { ...column, type: BIGINT }, targetOf(frame, table, "INSERT")),
    );
    const last = lastIdentity(connection, database, table);
    if (last === undefined || value > last) rememberIdentity(connection, database, table, value);
  }
  session.identity = value;
  frame.scopeIdentity = value;
  return isExact(column.type) ? convert(value, BIGINT, column.type) : value;
}
