import type { SecurityStatement } from "../syntax/security.ts";
import type { DefinitionStatement, DropKind } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { skipIndexOptions } from "./index-options.ts";
import { parseObjectName } from "./object-name.ts";
import { parseDropPrincipal } from "./principal.ts";

type Drop =
  | Extract<DefinitionStatement, { kind: "drop" | "dropIndex" | "dropDatabase" }>
  | Extract<SecurityStatement, { kind: "dropPrincipal" }>;

const KINDS: Readonly<Record<string, DropKind>> = {
  TABLE: "TABLE",
  VIEW: "VIEW",
  PROCEDURE: "PROCEDURE",
  PROC: "PROCEDURE",
  FUNCTION: "FUNCTION",
  TRIGGER: "TRIGGER",
  SCHEMA: "SCHEMA",
  SEQUENCE: "SEQUENCE",
  TYPE: "TYPE",
};

export function parseDrop(cursor: Cursor): Drop {
  cursor.expect("DROP");
  if (cursor.accept("INDEX")) return parseDropIndex(cursor);
  if (cursor.accept("DATABASE")) {
    const ifExists = cursor.accept("IF", "EXISTS");
    return { kind: "dropDatabase", names: cursor.list(() => cursor.identifier()), ifExists };
  }
  const principal = parseDropPrincipal(cursor);
  if (principal !== undefined) return principal;
  const what = cursor.token.kind === "word" ? KINDS[cursor.token.value] : undefined;
  if (what === undefined) throw cursor.unsupported(`'DROP ${cursor.token.text}'`);
  cursor.next();
  const ifExists = cursor.accept("IF", "EXISTS");
  return { kind: "drop", what, names: cursor.list(() => parseObjectName(cursor)), ifExists };
}

/** DROP INDEX name ON table, or the old DROP INDEX table.name. */
function parseDropIndex(cursor: Cursor): Drop {
  const ifExists = cursor.accept("IF", "EXISTS");
  const first = parseObjectName(cursor);
  if (!cursor.accept("ON")) {
    if (first.schema === "") throw cursor.unexpected();
    const table = { database: "", schema: first.database, name: first.schema, line: first.line };
    return { kind: "dropIndex", name: first.name, table, ifExists };
  }
  const table = parseObjectName(cursor);
  skipIndexOptions(cursor);
  return { kind: "dropIndex", name: first.name, table, ifExists };
}
