import type { DeleteStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseFrom, parseHints } from "./from.ts";
import { parseObjectName } from "./object-name.ts";
import { parseOutput } from "./output.ts";
import { parseTop, skipOption } from "./query.ts";
import { parseWhere } from "./update.ts";

export function parseDelete(cursor: Cursor): DeleteStatement {
  cursor.expect("DELETE");
  const top = cursor.clause("top", "TOP", () => parseTop(cursor));
  cursor.accept("FROM");
  const target = parseObjectName(cursor);
  parseHints(cursor);
  const statement: DeleteStatement = {
    kind: "delete",
    target,
    ...top,
    ...parseOutput(cursor),
    ...cursor.clause("from", "FROM", () => parseFrom(cursor)),
    ...cursor.clause("where", "WHERE", () => parseWhere(cursor)),
  };
  skipOption(cursor);
  return statement;
}
