import { findObject, writtenName } from "../../catalog/lookup.ts";
import type { Catalog } from "../../catalog/model.ts";
import { DBO, FIXED_PRINCIPALS, PUBLIC, type Securable } from "../../catalog/principals.ts";
import { newObjectId, removeObject, saveObject } from "../../catalog/store.ts";
import { schemaId } from "../../catalog/views/object-views.ts";
import { cannotFindSecurable, sqlError } from "../../errors.ts";
import { mayDo, toSecurable } from "../../rights/ask.ts";
import { isSame } from "../../rights/holds.ts";
import { isPermission } from "../../rights/permission-names.ts";
import { requireWritable } from "../../rights/require.ts";
import { findPrincipalNumber } from "../../rights/session-principal.ts";
import type { SecurableSyntax, SecurityStatement } from "../../syntax/security.ts";
import type { Connection } from "../../storage/connection.ts";
import { currentView } from "../connections.ts";
import type { Frame, SessionState } from "../session-state.ts";
import { write } from "../transactions.ts";

type PermissionStatement = Extract<SecurityStatement, { kind: "permission" }>;

/** GRANT, DENY and REVOKE. @throws SqlError 102, 4617, 15151, 3906 */
export async function runPermission(frame: Frame, statement: PermissionStatement): Promise<void> {
  const { session, sink, signal } = frame;
  requireWritable(session);
  await write(session, signal, (connection) => {
    const on = findSecurable(session, statement.on);
    if (!mayDo(session, "CONTROL", on)) throw cannotFind(statement.on);
    const { catalog } = currentView(session);
    for (const name of statement.to) {
      const grantee = findGrantee(catalog, name);
      for (const permission of statement.permissions) {
        requireMeaning(permission, on);
        change(connection, catalog, statement.action, { grantee, permission, on });
      }
    }
  });
  sink.done(undefined);
}

/** One state per permission: GRANT takes the place of DENY, and REVOKE that of both. */
function change(
  connection: Connection,
  { permissions }: Catalog,
  action: PermissionStatement["action"],
  given: { readonly grantee: number; readonly permission: string; readonly on: Securable },
): void {
  const { grantee, permission, on } = given;
  const known = permissions.find(
    (one) => one.grantee === grantee && one.permission === permission && isSame(one.on, on),
  );
  if (action !== "REVOKE") {
    saveObject(connection, { kind: "permission", id: known?.id ?? newObjectId(), state: action, ...given });
  } else if (known !== undefined) removeObject(connection, known.id);
}

/** @throws SqlError 15151 */
function findSecurable(session: SessionState, on: SecurableSyntax): Securable {
  const view = currentView(session);
  switch (on.class) {
    case "DATABASE":
      return on;
    case "SCHEMA":
      if (schemaId(view.catalog, on.name) > 0) return { class: "SCHEMA", schema: on.name };
      break;
    case "OBJECT": {
      const found = findObject(view, on.name);
      if (found !== undefined) return toSecurable(found);
    }
  }
  throw cannotFind(on);
}

function cannotFind(on: SecurableSyntax): Error {
  if (on.class === "OBJECT") return cannotFindSecurable("object", writtenName(on.name));
  return on.class === "SCHEMA"
    ? cannotFindSecurable("schema", on.name)
    : sqlError("Grantor does not have GRANT permission.", { number: 4613 });
}

/** @throws SqlError 15151, 4617 (fixed roles) */
function findGrantee(catalog: Catalog, name: string): number {
  const number = findPrincipalNumber(catalog, name);
  if (number === undefined) throw cannotFindSecurable("user", name);
  const isFixed = Object.values(FIXED_PRINCIPALS).some((one) => one.number === number);
  if (number === DBO || (isFixed && number !== PUBLIC && number > DBO)) {
    const message = "Cannot grant, deny or revoke permissions to or from special roles.";
    throw sqlError(message, { number: 4617 });
  }
  return number;
}

/** @throws SqlError 102: the permission cannot be held on that */
function requireMeaning(permission: string, on: Securable): void {
  if (isPermission(permission, on.class)) return;
  const [word = permission] = permission.split(" ");
  throw sqlError(`Incorrect syntax near '${word}'.`, { number: 102, class: 15 });
}
