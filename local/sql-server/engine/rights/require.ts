import { findObject, isTemporary } from "../catalog/lookup.ts";
import type { CatalogObject } from "../catalog/model.ts";
import { permissionDenied, readOnlyDatabase } from "../errors.ts";
import { currentView } from "../run/connections.ts";
import type { Frame, SessionState } from "../run/session-state.ts";
import type { ObjectName } from "../syntax/expression.ts";
import type { Plan } from "../translate/plan.ts";
import { mayDo, toSecurable } from "./ask.ts";

/** @throws SqlError 3906 */
export function requireWritable({ database }: SessionState): void {
  if (database.readOnly) throw readOnlyDatabase(database.name);
}

/**
 * A statement wants to do something to an object. Inside a procedure the procedure's owner answers for it (dbo owns
 * everything here), but not for what EXEC and sp_executesql run there.
 * @throws SqlError 229
 */
export function requirePermission(
  frame: Pick<Frame, "session" | "chained">,
  permission: "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "EXECUTE",
  object: CatalogObject,
): void {
  const { session, chained } = frame;
  if (chained || isTemporary(object.name) || mayDo(session, permission, toSecurable(object))) return;
  throw permissionDenied(permission, object, session.database.name);
}

/** @throws SqlError 229, 3906 */
export function requireChange(frame: Frame, permission: "UPDATE" | "DELETE", table: CatalogObject): void {
  if (isTemporary(table.name)) return;
  requirePermission(frame, permission, table);
  requireWritable(frame.session);
}

/** INSERT: views and missing tables are left to whoever looks for the table. @throws SqlError 229, 3906 */
export function requireInsert(frame: Frame, target: ObjectName): void {
  if (isTemporary(target.name)) return;
  if (!frame.session.login.administrator) {
    const table = findObject(currentView(frame.session), target);
    if (table !== undefined) requirePermission(frame, "INSERT", table);
  }
  requireWritable(frame.session);
}

/** Of all tables and views a plan names; what a view reads is the view's business. @throws SqlError 229 */
export function requireReads(frame: Frame, { state }: Plan): void {
  if (frame.session.login.administrator) return;
  for (const name of state.reads) requireRead(frame, name);
}

function requireRead(frame: Frame, name: ObjectName): void {
  const object = findObject(currentView(frame.session), name);
  if (object !== undefined) requirePermission(frame, "SELECT", object);
}
