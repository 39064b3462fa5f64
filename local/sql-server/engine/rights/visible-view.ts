import type { CatalogView } from "../catalog/lookup.ts";
import { currentView } from "../run/connections.ts";
import type { SessionState } from "../run/session-state.ts";
import { isVisible } from "./ask.ts";

/** The catalogue as OBJECT_ID, sys.tables and their like show it to the session. */
export function visibleView(session: SessionState): CatalogView {
  const view = currentView(session);
  if (session.login.administrator) return view;
  return {
    database: view.database,
    temporary: view.temporary,
    get catalog() {
      const { catalog } = view;
      const objects = [...catalog.objects].filter(([, object]) => isVisible(session, object));
      return { ...catalog, objects: new Map(objects) };
    },
  };
}
