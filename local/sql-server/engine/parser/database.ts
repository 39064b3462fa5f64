import type { DatabaseSetting, DefinitionStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";

type Of<Kind extends DefinitionStatement["kind"]> = Extract<DefinitionStatement, { kind: Kind }>;

/** Files, sizes, editions and collations are accepted and ignored. */
export function parseCreateDatabase(cursor: Cursor): Of<"createDatabase"> {
  const name = cursor.identifier();
  skipRest(cursor);
  return { kind: "createDatabase", name };
}

/** READ_ONLY and READ_WRITE; what would take the database away is refused, everything else accepted and ignored. */
export function parseAlterDatabase(cursor: Cursor): Of<"alterDatabase"> {
  const name = cursor.accept("CURRENT") ? "" : cursor.identifier();
  return { kind: "alterDatabase", name, setting: parseSetting(cursor) };
}

/** @throws SqlError 40515 */
function parseSetting(cursor: Cursor): DatabaseSetting {
  const { start } = cursor.token;
  const set = cursor.accept("SET");
  const readOnly = set && cursor.accept("READ_ONLY");
  const known = readOnly || (set && cursor.accept("READ_WRITE"));
  if (set && cursor.isOneOf("OFFLINE", "EMERGENCY")) throw cursor.unsupported(`'SET ${cursor.token.value}'`);
  skipRest(cursor);
  const wait = !/NO_WAIT/i.test(cursor.textFrom(start));
  return known ? { kind: "readOnly", value: readOnly, wait } : { kind: "other" };
}

function skipRest(cursor: Cursor): void {
  while (!cursor.atEnd && !cursor.isNext(";")) cursor.next();
}

export function parseCreateSchema(cursor: Cursor): Of<"createSchema"> {
  const name = cursor.identifier();
  if (cursor.accept("AUTHORIZATION")) cursor.identifier();
  return { kind: "createSchema", name };
}
