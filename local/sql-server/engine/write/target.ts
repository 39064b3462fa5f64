import { isTemporary, writtenName } from "../catalog/lookup.ts";
import type { TableObject } from "../catalog/model.ts";
import { invalidObject } from "../errors.ts";
import { unsupported } from "../parser/cursor.ts";
import type { ObjectName } from "../syntax/expression.ts";
import { requireObject } from "../translate/from.ts";
import { createTranslation } from "../translate/plan.ts";
import { currentView } from "../run/connections.ts";
import type { Frame } from "../run/session-state.ts";
import type { FitTarget } from "./fit.ts";

/** The table a statement writes to. @throws SqlError 208, 1087, 40515 (views) */
export function requireTable(frame: Frame, name: ObjectName): TableObject {
  const object = requireObject(
    createTranslation(currentView(frame.session), () => undefined),
    name,
  );
  if (object.kind === "table") return object;
  if (object.kind === "view") throw unsupported(`writing through a view ('${writtenName(name)}')`);
  throw invalidObject(writtenName(name));
}

export function targetOf(frame: Frame, table: TableObject, operation: FitTarget["operation"]): FitTarget {
  const database = isTemporary(table.name) ? "tempdb" : frame.session.database.name;
  return { database, table, operation };
}
