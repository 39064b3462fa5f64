import { isTemporary } from "../catalog/lookup.ts";
import type { CatalogObject } from "../catalog/model.ts";
import type { Securable } from "../catalog/principals.ts";
import { connectionTo, currentView } from "../run/connections.ts";
import type { SessionState } from "../run/session-state.ts";
import { readCatalog } from "../catalog/store.ts";
import { cannotEnterDatabase } from "../errors.ts";
import type { DatabaseFile } from "../storage/database-file.ts";
import { holds } from "./holds.ts";
import { permissionsOn } from "./permission-names.ts";
import { findUser, mayConnect, type DatabaseUser } from "./session-principal.ts";

/** Who the session is in a database. @throws SqlError 916 when it may not enter */
export function userOf(session: SessionState, database: DatabaseFile = session.database): DatabaseUser {
  const catalog = readCatalog(connectionTo(session, database));
  const user = findUser(catalog, database.name, session.login);
  if (user === undefined || !mayConnect(catalog, user)) {
    throw cannotEnterDatabase(session.login.name, database.name);
  }
  return user;
}

/** May the session do it, in its database as it is now? */
export function mayDo(session: SessionState, permission: string, on: Securable): boolean {
  if (session.login.administrator) return true;
  const { permissions } = currentView(session).catalog;
  return holds(permissions, userOf(session).principal, permission, on);
}

export function toSecurable({ schema, id }: Pick<CatalogObject, "schema" | "id">): Securable {
  return { class: "OBJECT", schema, id };
}

/** SQL Server shows nobody what he has no permission on at all. */
export function isVisible(session: SessionState, object: CatalogObject): boolean {
  if (session.login.administrator || isTemporary(object.name)) return true;
  return permissionsOn("OBJECT").some((permission) => mayDo(session, permission, toSecurable(object)));
}
