import { isPermission } from "../rights/permission-names.ts";
import type { SecurableSyntax, SecurityStatement } from "../syntax/security.ts";
import type { Cursor } from "./cursor.ts";
import { parseObjectName } from "./object-name.ts";

type PermissionStatement = Extract<SecurityStatement, { kind: "permission" }>;

/** GRANT and DENY … TO …, REVOKE … FROM … (or TO). */
export function parsePermission(cursor: Cursor): PermissionStatement {
  const action = (["GRANT", "DENY", "REVOKE"] as const).find((word) => cursor.accept(word));
  if (action === undefined) throw cursor.unexpected();
  const permissions = cursor.list(() => parsePermissionName(cursor));
  const on = cursor.accept("ON") ? parseSecurable(cursor) : ({ class: "DATABASE" } as const);
  if (!cursor.accept("TO")) cursor.expect("FROM");
  const to = cursor.list(() => (cursor.accept("PUBLIC") ? "public" : cursor.identifier()));
  if (action !== "GRANT") cursor.accept("CASCADE");
  if (cursor.isNext("WITH", "GRANT")) throw cursor.unsupported("'WITH GRANT OPTION'");
  if (cursor.isNext("AS")) throw cursor.unsupported(`'${action} … AS'`);
  return { kind: "permission", action, permissions, on, to };
}

/** Words up to ON, TO, FROM or a comma. @throws SqlError 40515 for a permission, or a kind of it, that is not known */
function parsePermissionName(cursor: Cursor): string {
  const words: string[] = [];
  while (cursor.token.kind === "word" && !cursor.isOneOf("ON", "TO", "FROM")) words.push(cursor.next().value);
  if (words.length === 0) throw cursor.unexpected();
  if (cursor.isNext("(")) throw cursor.unsupported("permissions on columns");
  const name = words.join(" ").replace(/^EXEC$/, "EXECUTE");
  if (!isPermission(name)) throw cursor.unsupported(`the permission '${name}'`);
  return name;
}

function parseSecurable(cursor: Cursor): SecurableSyntax {
  if (cursor.accept("SCHEMA", "::")) return { class: "SCHEMA", name: cursor.identifier() };
  if (cursor.isNext("DATABASE", "::")) throw cursor.unsupported("'ON DATABASE::': leave it out");
  cursor.accept("OBJECT", "::");
  if (cursor.peek(1).value === "::") throw cursor.unsupported(`permissions on '${cursor.token.text}::'`);
  return { class: "OBJECT", name: parseObjectName(cursor) };
}
