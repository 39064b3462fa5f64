import type { DefinitionStatement } from "../syntax/statement.ts";
import { parseKeyColumns } from "./constraint.ts";
import type { Cursor } from "./cursor.ts";
import { skipIndexOptions } from "./index-options.ts";
import { parseObjectName } from "./object-name.ts";

/** After CREATE: [UNIQUE] [CLUSTERED] INDEX name ON table (…) INCLUDE (…) WHERE …. */
export function parseCreateIndex(cursor: Cursor): Extract<DefinitionStatement, { kind: "createIndex" }> {
  const unique = cursor.accept("UNIQUE");
  const clustered = cursor.accept("CLUSTERED");
  if (!clustered) cursor.accept("NONCLUSTERED");
  if (!cursor.accept("INDEX")) throw cursor.unsupported(`'CREATE ${cursor.token.text}'`);
  const name = cursor.identifier();
  cursor.expect("ON");
  const table = parseObjectName(cursor);
  const columns = parseKeyColumns(cursor);
  const include = cursor.accept("INCLUDE") ? parseKeyColumns(cursor).map((column) => column.name) : [];
  const filter = cursor.accept("WHERE") ? conditionText(cursor) : "";
  const { dropExisting } = skipIndexOptions(cursor);
  return {
    kind: "createIndex",
    table,
    index: { name, unique, clustered, columns, include, filter },
    dropExisting,
  };
}

function conditionText(cursor: Cursor): string {
  const { start } = cursor.token;
  cursor.condition();
  return cursor.textFrom(start);
}
