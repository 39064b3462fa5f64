import type { ObjectName } from "../syntax/expression.ts";
import type { Cursor } from "./cursor.ts";

/** `name`, `schema.name`, `database.schema.name`, `database..name`; also `@table` and `#temporary`. */
export function parseObjectName(cursor: Cursor): ObjectName {
  const { line } = cursor;
  if (cursor.token.kind === "variable") return toObjectName([cursor.variable()], line);
  const parts = [cursor.identifier()];
  while (cursor.accept(".")) parts.push(cursor.isNext(".") ? "" : cursor.identifier());
  if (parts.length > 3) throw cursor.unsupported("linked servers (four-part names)");
  return toObjectName(parts, line);
}

function toObjectName(parts: readonly string[], line: number): ObjectName {
  const [name = "", schema = "", database = ""] = [...parts].reverse();
  return { database, schema, name, line };
}
