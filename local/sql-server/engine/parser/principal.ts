import type { SecurityStatement, UserSource } from "../syntax/security.ts";
import type { Cursor } from "./cursor.ts";

type Of<Kind extends SecurityStatement["kind"]> = Extract<SecurityStatement, { kind: Kind }>;

/** CREATE LOGIN, USER or ROLE, after the word CREATE; undefined: it is something else. */
export function parseCreatePrincipal(
  cursor: Cursor,
): Of<"createLogin" | "createUser" | "createRole"> | undefined {
  if (cursor.accept("CREATE", "LOGIN")) return parseCreateLogin(cursor);
  if (cursor.accept("CREATE", "USER")) return parseCreateUser(cursor);
  if (!cursor.accept("CREATE", "ROLE")) return undefined;
  const name = cursor.identifier();
  if (cursor.isNext("AUTHORIZATION")) throw cursor.unsupported("'CREATE ROLE … AUTHORIZATION'");
  return { kind: "createRole", name };
}

/** ALTER LOGIN, ROLE or SERVER ROLE; undefined: it is something else. */
export function parseAlterPrincipal(cursor: Cursor): Of<"alterLogin" | "changeMember"> | undefined {
  if (cursor.accept("ALTER", "LOGIN")) return parseAlterLogin(cursor);
  if (cursor.accept("ALTER", "ROLE")) return parseMember(cursor, "ROLE");
  return cursor.accept("ALTER", "SERVER", "ROLE") ? parseMember(cursor, "SERVER ROLE") : undefined;
}

/** DROP LOGIN, USER or ROLE, after the word DROP; undefined: it is something else. */
export function parseDropPrincipal(cursor: Cursor): Of<"dropPrincipal"> | undefined {
  const what = (["LOGIN", "USER", "ROLE"] as const).find((word) => cursor.accept(word));
  if (what === undefined) return undefined;
  const ifExists = cursor.accept("IF", "EXISTS");
  return { kind: "dropPrincipal", what, name: cursor.identifier(), ifExists };
}

/** Policies and defaults of a login are accepted and ignored. */
function parseCreateLogin(cursor: Cursor): Of<"createLogin"> {
  const name = cursor.identifier();
  if (cursor.isNext("FROM")) throw cursor.unsupported("'CREATE LOGIN … FROM'");
  cursor.expect("WITH");
  const password = parsePassword(cursor);
  skipOptions(cursor);
  return { kind: "createLogin", name, password };
}

function parseAlterLogin(cursor: Cursor): Of<"alterLogin"> {
  const name = cursor.identifier();
  if (cursor.accept("ENABLE")) return { kind: "alterLogin", name, enabled: true };
  if (cursor.accept("DISABLE")) return { kind: "alterLogin", name, enabled: false };
  cursor.expect("WITH");
  const password = parsePassword(cursor);
  skipOptions(cursor);
  return { kind: "alterLogin", name, password };
}

function parseCreateUser(cursor: Cursor): Of<"createUser"> {
  const name = cursor.identifier();
  const from = parseUserSource(cursor, name);
  if (cursor.accept("WITH") || cursor.accept(",")) {
    cursor.expect("DEFAULT_SCHEMA", "=");
    if (cursor.identifier().toLowerCase() !== "dbo") throw cursor.unsupported("a default schema but dbo");
  }
  return { kind: "createUser", name, from };
}

function parseUserSource(cursor: Cursor, name: string): UserSource {
  if (cursor.accept("WITHOUT", "LOGIN")) return { kind: "none" };
  if (cursor.accept("FROM", "EXTERNAL", "PROVIDER")) return { kind: "external" };
  if (cursor.accept("FOR", "LOGIN") || cursor.accept("FROM", "LOGIN")) {
    return { kind: "login", login: cursor.identifier() };
  }
  if (cursor.isNext("WITH") && cursor.peek(1).value === "PASSWORD") {
    cursor.expect("WITH");
    return { kind: "password", password: parsePassword(cursor) };
  }
  return { kind: "login", login: name };
}

function parsePassword(cursor: Cursor): string {
  cursor.expect("PASSWORD", "=");
  if (cursor.token.kind !== "string") throw cursor.unsupported("a hashed password");
  return cursor.next().value;
}

function skipOptions(cursor: Cursor): void {
  while (cursor.accept(",")) {
    cursor.next();
    cursor.expect("=");
    cursor.next();
  }
}

function parseMember(cursor: Cursor, of: "ROLE" | "SERVER ROLE"): Of<"changeMember"> {
  const role = cursor.identifier();
  const change = (["ADD", "DROP"] as const).find((word) => cursor.accept(word, "MEMBER"));
  if (change === undefined) throw cursor.unsupported(`'ALTER ${of} … ${cursor.token.text}'`);
  return { kind: "changeMember", of, role, member: cursor.identifier(), change };
}
