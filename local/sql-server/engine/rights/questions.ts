import { findObject, parseWrittenName } from "../catalog/lookup.ts";
import type { Securable } from "../catalog/principals.ts";
import { schemaId } from "../catalog/views/object-views.ts";
import { connectionTo, currentView } from "../run/connections.ts";
import { readCatalog } from "../catalog/store.ts";
import type { Frame, SessionState } from "../run/session-state.ts";
import type { Storage } from "../syntax/expression.ts";
import { unsupported } from "../parser/cursor.ts";
import { mayDo, toSecurable, userOf } from "./ask.ts";
import { isPermission, permissionsOn } from "./permission-names.ts";
import { findPrincipalName, findPrincipalNumber, findUser, isMember } from "./session-principal.ts";

type Question = (frame: Frame, ...values: readonly Storage[]) => Storage;

const text = (value: Storage | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);

/**
 * HAS_PERMS_BY_NAME(securable, class, permission): 1, 0, or NULL where the securable does not exist or the class or
 * the permission is none. The same on a column is what it is on the table: columns have no permissions here.
 */
export const hasPermissionsByName: Question = ({ session }, name = null, kind = null, permission = null) => {
  const wanted = text(permission)?.toUpperCase();
  if (wanted === undefined) return null;
  if (kind === null) return Number(session.login.administrator);
  const on = toSecurableNamed(session, String(kind).toUpperCase(), text(name));
  return on === undefined ? null : toBit(holdsNamed(session, wanted, on));
};

function holdsNamed(session: SessionState, permission: string, on: Securable): boolean | undefined {
  if (permission === "ANY") return permissionsOn(on.class).some((one) => mayDo(session, one, on));
  return isPermission(permission, on.class) ? mayDo(session, permission, on) : undefined;
}

function toSecurableNamed(
  session: SessionState,
  of: string,
  written: string | undefined,
): Securable | undefined {
  if (of === "DATABASE") return toDatabase(session, written);
  const view = currentView(session);
  const name = parseWrittenName(written ?? "");
  if (of === "SCHEMA") {
    return schemaId(view.catalog, name.name) === 0 ? undefined : { class: "SCHEMA", schema: name.name };
  }
  const object = of === "OBJECT" ? findObject(view, name) : undefined;
  return object && toSecurable(object);
}

/** @throws SqlError 40515 for another database than the session's */
function toDatabase(session: SessionState, written: string | undefined): Securable | undefined {
  const wanted = written === undefined ? session.database.name : parseWrittenName(written).name;
  const database = session.server.databases.find(wanted);
  if (database === undefined) return undefined;
  if (database !== session.database && !session.login.administrator) {
    throw unsupported("HAS_PERMS_BY_NAME of another database", 0);
  }
  return { class: "DATABASE" };
}

const toBit = (answer: boolean | undefined): Storage => (answer === undefined ? null : Number(answer));

/** IS_ROLEMEMBER(role [, principal]) and IS_MEMBER(role). */
export const isRoleMember: Question = ({ session }, role = null, principal = null) => {
  if (role === null) return null;
  const { catalog } = currentView(session);
  return toBit(isMember(catalog, text(principal) ?? userOf(session).name, String(role)));
};

/** DATABASE_PRINCIPAL_ID([name]) and USER_ID([name]) */
export const principalId: Question = ({ session }, name = null) => {
  const wanted = text(name) ?? userOf(session).name;
  return findPrincipalNumber(currentView(session).catalog, wanted) ?? null;
};

/** USER_NAME([principal_id]) */
export const principalName: Question = ({ session }, number = null) => {
  if (number === null) return userOf(session).name;
  return findPrincipalName(currentView(session).catalog, Number(number)) ?? null;
};

const SERVER_ROLES = ["sysadmin", "serveradmin", "dbcreator", "setupadmin", "bulkadmin", "securityadmin"];

/** IS_SRVROLEMEMBER(role [, login]). An administrator is in all of them. */
export const isServerRoleMember: Question = ({ session }, role = null, login = null) => {
  const wanted = text(role)?.toLowerCase() ?? "";
  const asked = login === null ? session.login : session.server.logins.get(String(login).toLowerCase());
  if (asked === undefined) return null;
  if (wanted === "public") return 1;
  if (![...SERVER_ROLES, "diskadmin", "processadmin"].includes(wanted)) return null;
  return Number(asked.administrator);
};

/** HAS_DBACCESS(database) */
export const hasDatabaseAccess: Question = ({ session }, name = null) => {
  const database = session.server.databases.find(String(name));
  if (database === undefined) return null;
  if (session.login.administrator) return 1;
  const catalog = readCatalog(connectionTo(session, database));
  return Number(findUser(catalog, database.name, session.login) !== undefined);
};
