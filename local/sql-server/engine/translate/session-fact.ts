import type { SqlType } from "../../session.ts";
import { BIGINT, isExact } from "../types/sql-type.ts";
import { coerce } from "./coerce.ts";
import { bind, type Fragment, type Translation } from "./translation.ts";

/** A fact of catalog/session-facts.ts as a value. Identities are decimals that the session keeps as whole numbers. */
export function sessionFact(translation: Translation, name: string, type: SqlType): Fragment {
  const sql = bind(translation, { kind: "fact", name });
  if (!isExact(type)) return { sql, type, nullable: true };
  return { ...coerce({ sql, type: BIGINT, nullable: true }, type), asInteger: sql };
}
