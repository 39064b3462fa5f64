import type { CatalogView } from "../catalog/lookup.ts";
import type { Catalog } from "../catalog/model.ts";
import { readCatalog } from "../catalog/store.ts";
import type { Connection } from "../storage/connection.ts";
import type { DatabaseFile } from "../storage/database-file.ts";
import type { SessionState } from "./session-state.ts";

/** The session's own connection to a database, opened when first used. */
export function connectionTo(session: SessionState, database: DatabaseFile = session.database): Connection {
  const known = session.connections.get(database);
  if (known !== undefined) return known;
  const connection = database.open();
  session.connections.set(database, connection);
  return connection;
}

/** The catalogue of the current database as one statement sees it: read when first asked for. */
export function currentView(session: SessionState): CatalogView {
  let catalog: Catalog | undefined;
  return {
    database: session.database.name,
    temporary: session.temporary,
    get catalog() {
      catalog ??= readCatalog(connectionTo(session));
      return catalog;
    },
  };
}

/** Gives all connections back; temporary tables end with their connection. */
export function closeConnections(session: SessionState): void {
  const reusable = session.temporary.size === 0;
  for (const [database, connection] of session.connections) {
    session.server.databases.giveBack(database, connection, reusable);
  }
  session.connections.clear();
  session.temporary = new Map();
}
