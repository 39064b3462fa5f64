import type { OutputClause } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseObjectName } from "./object-name.ts";
import { parseSelectItem } from "./select-item.ts";

/** OUTPUT inserted.a, deleted.b [INTO @t (columns)]. */
export function parseOutput(cursor: Cursor): { output?: OutputClause } {
  if (!cursor.accept("OUTPUT")) return {};
  const items = cursor.list(() => parseSelectItem(cursor));
  if (!cursor.accept("INTO")) return { output: { items, intoColumns: [] } };
  const into = parseObjectName(cursor);
  const intoColumns = cursor.isNext("(")
    ? cursor.parenthesized(() => cursor.list(() => cursor.identifier()))
    : [];
  return { output: { items, into, intoColumns } };
}
