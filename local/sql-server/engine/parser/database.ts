import type { DefinitionStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";

type Of<Kind extends DefinitionStatement["kind"]> = Extract<DefinitionStatement, { kind: Kind }>;

/** Files, sizes, editions and collations are accepted and ignored. */
export function parseCreateDatabase(cursor: Cursor): Of<"createDatabase"> {
  const name = cursor.identifier();
  skipRest(cursor);
  return { kind: "createDatabase", name };
}

/** Every ALTER DATABASE is accepted; its text is kept as the setting. */
export function parseAlterDatabase(cursor: Cursor): Of<"alterDatabase"> {
  const name = cursor.accept("CURRENT") ? "" : cursor.identifier();
  const { start } = cursor.token;
  skipRest(cursor);
  return { kind: "alterDatabase", name, setting: cursor.textFrom(start) };
}

function skipRest(cursor: Cursor): void {
  while (!cursor.atEnd && !cursor.isNext(";")) cursor.next();
}

export function parseCreateSchema(cursor: Cursor): Of<"createSchema"> {
  const name = cursor.identifier();
  if (cursor.accept("AUTHORIZATION")) cursor.identifier();
  return { kind: "createSchema", name };
}
