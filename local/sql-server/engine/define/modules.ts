import { findObject, writtenName } from "../catalog/lookup.ts";
import type { CatalogObject } from "../catalog/model.ts";
import { newObjectId, saveObject } from "../catalog/store.ts";
import { alreadyExists, sqlError } from "../errors.ts";
import type { Connection } from "../storage/connection.ts";
import type { DefinitionStatement } from "../syntax/statement.ts";
import { planQuery } from "../translate/plan.ts";
import { currentView } from "../run/connections.ts";
import type { SessionState } from "../run/session-state.ts";
import { requireFreeName, requireSchema } from "./create-table.ts";

type Module = Extract<DefinitionStatement, { kind: "view" | "procedure" }>;

/** CREATE, ALTER, CREATE OR ALTER of a view or procedure. @throws SqlError 208, 2714, 2760; of a view's query */
export function defineModule(session: SessionState, connection: Connection, statement: Module): void {
  const view = currentView(session);
  const { kind, module } = statement;
  const existing = findObject(view, module.name);
  requireRightState(statement, existing);
  if (statement.kind === "view") requireNamedColumns(session, statement);
  if (existing === undefined) requireFreeName(view, module.name.name);
  const now = session.server.now().toISOString();
  saveObject(connection, {
    kind,
    id: existing?.id ?? newObjectId(),
    schema: requireSchema(view, module.name.schema),
    name: existing?.name ?? module.name.name,
    created: existing?.created ?? now,
    modified: now,
    // ALTER keeps its text, which the parser reads as well.
    definition: module.definition,
  });
}

function requireRightState({ kind, module }: Module, existing: CatalogObject | undefined): void {
  if (existing !== undefined && (module.mode === "create" || existing.kind !== kind)) {
    throw alreadyExists(module.name.name);
  }
  if (existing === undefined && module.mode === "alter") {
    throw sqlError(`Invalid object name '${writtenName(module.name)}'.`, { number: 208, state: 6 });
  }
}

/** @throws SqlError 4511 */
function requireNamedColumns(session: SessionState, statement: Extract<Module, { kind: "view" }>): void {
  const { columns } = planQuery(currentView(session), () => undefined, statement.query);
  const unnamed = columns.findIndex((column, index) => (statement.columns[index] ?? column.name) === "");
  if (unnamed < 0) return;
  const message = `Create View or Function failed because no column name was specified for column ${unnamed + 1}.`;
  throw sqlError(message, { number: 4511 });
}
