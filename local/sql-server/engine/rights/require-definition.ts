import { findObject, isTemporary, writtenName } from "../catalog/lookup.ts";
import type { CatalogObject } from "../catalog/model.ts";
import type { Securable } from "../catalog/principals.ts";
import {
  cannotAlter,
  cannotDrop,
  cannotDropSchema,
  createDenied,
  invalidObject,
  noSuchSchema,
} from "../errors.ts";
import { currentView } from "../run/connections.ts";
import type { SessionState } from "../run/session-state.ts";
import type { ObjectName } from "../syntax/expression.ts";
import type { DefinitionStatement } from "../syntax/statement.ts";
import { mayDo, toSecurable } from "./ask.ts";
import { requireWritable } from "./require.ts";

type InnerDefinition = Exclude<
  DefinitionStatement,
  { kind: "createDatabase" | "alterDatabase" | "dropDatabase" }
>;

/** CREATE, ALTER and DROP inside a database. @throws SqlError 208, 262, 1088, 2760, 3701, 3906, 15151 */
export function requireDefinition(session: SessionState, statement: InnerDefinition): void {
  if (namesOf(statement).every(({ name }) => isTemporary(name))) return;
  if (!session.login.administrator) requireRight(session, statement);
  requireWritable(session);
}

function namesOf(statement: InnerDefinition): readonly Pick<ObjectName, "name">[] {
  switch (statement.kind) {
    case "createTable":
    case "alterTable":
      return [statement.name];
    case "createIndex":
    case "dropIndex":
      return [statement.table];
    case "drop":
      return statement.names;
    case "view":
    case "procedure":
      return [statement.module.name];
    case "createSchema":
      return [statement];
  }
}

function requireRight(session: SessionState, statement: InnerDefinition): void {
  switch (statement.kind) {
    case "createTable":
      requireCreate(session, "CREATE TABLE", statement.name);
      return;
    case "view":
    case "procedure":
      requireModule(session, statement);
      return;
    case "createSchema":
      requireOnDatabase(session, "CREATE SCHEMA");
      return;
    case "alterTable":
      requireAlter(session, statement.name);
      return;
    case "createIndex":
    case "dropIndex":
      requireAlter(session, statement.table);
      return;
    case "drop":
      for (const name of statement.names) requireDrop(session, statement.what, name);
      return;
  }
}

function requireModule(
  session: SessionState,
  { kind, module }: Extract<InnerDefinition, { kind: "view" | "procedure" }>,
): void {
  const existing = findObject(currentView(session), module.name);
  if (existing === undefined) requireCreate(session, `CREATE ${kind.toUpperCase()}`, module.name);
  else if (!mayDo(session, "ALTER", toSecurable(existing))) throw invalidObject(writtenName(module.name));
}

function requireOnDatabase(session: SessionState, permission: string): void {
  if (!mayDo(session, permission, { class: "DATABASE" }))
    throw createDenied(permission, session.database.name);
}

function requireCreate(session: SessionState, permission: string, { schema }: ObjectName): void {
  requireOnDatabase(session, permission);
  const on: Securable = { class: "SCHEMA", schema: schema === "" ? "dbo" : schema };
  if (!mayDo(session, "ALTER", on)) throw noSuchSchema(on.schema);
}

function requireAlter(session: SessionState, name: ObjectName): void {
  const found = findObject(currentView(session), name);
  if (found !== undefined && !mayDo(session, "ALTER", toSecurable(found)))
    throw cannotAlter(writtenName(name));
}

function requireDrop(
  session: SessionState,
  what: Extract<InnerDefinition, { kind: "drop" }>["what"],
  name: ObjectName,
): void {
  if (what === "SCHEMA") {
    if (!mayDo(session, "CONTROL", { class: "SCHEMA", schema: name.name })) throw cannotDropSchema(name.name);
    return;
  }
  const found = findObject(currentView(session), name);
  if (found === undefined || mayDrop(session, found)) return;
  throw cannotDrop(what.toLowerCase(), writtenName(name));
}

function mayDrop(session: SessionState, object: CatalogObject): boolean {
  const { schema } = object;
  return (
    mayDo(session, "CONTROL", toSecurable(object)) || mayDo(session, "ALTER", { class: "SCHEMA", schema })
  );
}
