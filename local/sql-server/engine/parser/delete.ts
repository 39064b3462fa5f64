import type { DeleteStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseFrom, parseHints } from "./from.ts";
import { parseObjectName } from "./object-name.ts";
import { parseOutput } from "./output.ts";
import { parseTop, skipOption } from "./query.ts";
import { parseWhere } from "./update.ts";

export function parseDelete(cursor: Cursor): DeleteStatement {
  cursor.expect("DELETE");
  const top = cursor.accept("TOP") ? parseTop(cursor) : undefined;
  cursor.accept("FROM");
  const target = parseObjectName(cursor);
  parseHints(cursor);
  const output = parseOutput(cursor);
  const from = cursor.accept("FROM") ? parseFrom(cursor) : undefined;
  const where = cursor.accept("WHERE") ? parseWhere(cursor) : undefined;
  skipOption(cursor);
  return {
    kind: "delete",
    target,
    ...output,
    ...(top === undefined ? {} : { top }),
    ...(from === undefined ? {} : { from }),
    ...(where === undefined ? {} : { where }),
  };
}
