import type { Catalog } from "../../catalog/model.ts";
import { FIRST_PRINCIPAL, FIXED_PRINCIPALS, type PrincipalObject } from "../../catalog/principals.ts";
import { newObjectId, removeObject, saveObject } from "../../catalog/store.ts";
import { cannotAlterPrincipal, cannotDropPrincipal, notAllowed, sqlError } from "../../errors.ts";
import { hashPassword } from "../../rights/logins.ts";
import { mayDo } from "../../rights/ask.ts";
import { requireWritable } from "../../rights/require.ts";
import { findPrincipalNumber, isMember } from "../../rights/session-principal.ts";
import type { SecurityStatement, UserSource } from "../../syntax/security.ts";
import type { Connection } from "../../storage/connection.ts";
import { currentView } from "../connections.ts";
import type { Frame, SessionState } from "../session-state.ts";
import { write } from "../transactions.ts";
import { changeServerRole, dropLogin } from "./logins.ts";

type Of<Kind extends SecurityStatement["kind"]> = Extract<SecurityStatement, { kind: Kind }>;

/** CREATE USER and CREATE ROLE. @throws SqlError 15007, 15023, 15247, 3906 */
export async function runCreatePrincipal(
  frame: Frame,
  statement: Of<"createUser"> | Of<"createRole">,
): Promise<void> {
  const { session } = frame;
  const isUser = statement.kind === "createUser";
  if (!mayDo(session, isUser ? "ALTER ANY USER" : "CREATE ROLE", { class: "DATABASE" })) throw notAllowed();
  await changePrincipals(frame, (connection, catalog) => {
    requireFreeName(catalog, statement.name);
    saveObject(connection, {
      kind: "principal",
      id: newObjectId(),
      number: nextNumber(catalog),
      type: isUser ? "user" : "role",
      name: statement.name,
      ...(isUser && toUserFacts(session, statement.name, statement.from)),
      memberOf: [],
      created: session.server.now().toISOString(),
    });
  });
}

/** @throws SqlError 15007 for a login that does not exist */
function toUserFacts(
  session: SessionState,
  name: string,
  from: UserSource,
): Pick<PrincipalObject, "login" | "password" | "external"> {
  switch (from.kind) {
    case "login": {
      const login = from.login.toLowerCase();
      if (session.server.logins.has(login)) return { login };
      const message = `'${from.login}' is not a valid login or you do not have permission.`;
      throw sqlError(message, { number: 15007 });
    }
    case "password":
      return { password: hashPassword(name, from.password) };
    case "external":
      return { external: true };
    case "none":
      return {};
  }
}

/** @throws SqlError 15023 */
function requireFreeName(catalog: Catalog, name: string): void {
  if (findPrincipalNumber(catalog, name) === undefined) return;
  const message = `User, group, or role '${name}' already exists in the current database.`;
  throw sqlError(message, { number: 15023 });
}

function nextNumber({ principals }: Catalog): number {
  return Math.max(FIRST_PRINCIPAL - 1, ...principals.map(({ number }) => number)) + 1;
}

/** DROP LOGIN, USER and ROLE. @throws SqlError 15144, 15151, 15434, 3906 */
export async function runDropPrincipal(frame: Frame, statement: Of<"dropPrincipal">): Promise<void> {
  if (statement.what === "LOGIN") dropLogin(frame, statement);
  else await dropPrincipal(frame, statement);
}

/** DROP USER and DROP ROLE. @throws SqlError 15144, 15151, 3906 */
async function dropPrincipal(frame: Frame, statement: Of<"dropPrincipal">): Promise<void> {
  const type = statement.what === "USER" ? "user" : "role";
  const permission = type === "user" ? "ALTER ANY USER" : "ALTER ANY ROLE";
  if (!mayDo(frame.session, permission, { class: "DATABASE" }))
    throw cannotDropPrincipal(type, statement.name);
  await changePrincipals(frame, (connection, catalog) => {
    const found = findOwn(catalog, statement.name);
    if (found?.type !== type) {
      if (statement.ifExists) return;
      throw cannotDropPrincipal(type, statement.name);
    }
    if (catalog.principals.some(({ memberOf }) => memberOf.includes(found.number))) {
      throw sqlError("The role has members. It must be empty before it can be dropped.", { number: 15144 });
    }
    for (const permission of catalog.permissions) {
      if (permission.grantee === found.number) removeObject(connection, permission.id);
    }
    removeObject(connection, found.id);
  });
}

/** ADD MEMBER and DROP MEMBER. @throws SqlError 15151, 3906 */
export async function runChangeMember(frame: Frame, statement: Of<"changeMember">): Promise<void> {
  if (statement.of === "ROLE") await changeMember(frame, statement);
  else changeServerRole(frame, statement);
}

/** ALTER ROLE … ADD MEMBER and DROP MEMBER. @throws SqlError 15151, 3906 */
export async function changeMember(
  frame: Frame,
  { role, member, change }: Pick<Of<"changeMember">, "role" | "member" | "change">,
): Promise<void> {
  if (!mayChangeMembers(frame.session, role)) throw cannotAlterPrincipal("role", role);
  await changePrincipals(frame, (connection, catalog) => {
    const number = findPrincipalNumber(catalog, role);
    if (number === undefined || isMember(catalog, role, role) === undefined) {
      throw cannotAlterPrincipal("role", role);
    }
    const found = findOwn(catalog, member);
    if (found === undefined) {
      const message = `Cannot ${change.toLowerCase()} the principal '${member}', because it does not exist or you do not have permission.`;
      throw sqlError(message, { number: 15151 });
    }
    const others = found.memberOf.filter((one) => one !== number);
    saveObject(connection, { ...found, memberOf: change === "ADD" ? [...others, number] : others });
  });
}

/** Members of fixed roles are db_owner's to change. */
function mayChangeMembers(session: SessionState, role: string): boolean {
  const isFixed = Object.keys(FIXED_PRINCIPALS).includes(role.toLowerCase());
  return mayDo(session, isFixed ? "CONTROL" : "ALTER ANY ROLE", { class: "DATABASE" });
}

function findOwn({ principals }: Catalog, name: string): PrincipalObject | undefined {
  const wanted = name.toLowerCase();
  return principals.find((one) => one.name.toLowerCase() === wanted);
}

/** In the transaction, like every other statement. */
async function changePrincipals(
  frame: Frame,
  change: (connection: Connection, catalog: Catalog) => void,
): Promise<void> {
  const { session, sink, signal } = frame;
  requireWritable(session);
  await write(session, signal, (connection) => {
    change(connection, currentView(session).catalog);
  });
  sink.done(undefined);
}
