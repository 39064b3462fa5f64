import { cannotAlterPrincipal, cannotDropPrincipal, notAllowed, sqlError } from "../../errors.ts";
import { unsupported } from "../../parser/cursor.ts";
import { hashPassword } from "../../rights/logins.ts";
import type { SecurityStatement } from "../../syntax/security.ts";
import type { Frame } from "../session-state.ts";

type Of<Kind extends SecurityStatement["kind"]> = Extract<SecurityStatement, { kind: Kind }>;

/** CREATE LOGIN. Unlike SQL Server's it is not rolled back. @throws SqlError 15025, 15247 */
export function runCreateLogin({ session, sink }: Frame, { name, password }: Of<"createLogin">): void {
  const { logins } = session.server;
  if (!session.login.administrator) throw notAllowed();
  if (logins.has(name.toLowerCase())) {
    throw sqlError(`The server principal '${name}' already exists.`, { number: 15025 });
  }
  const login = { name, password: hashPassword(name, password), enabled: true, administrator: false };
  logins.set(name.toLowerCase(), login);
  sink.done(undefined);
}

/** ALTER LOGIN: another password, or ENABLE and DISABLE. @throws SqlError 15151 */
export function runAlterLogin({ session, sink }: Frame, statement: Of<"alterLogin">): void {
  const login = session.server.logins.get(statement.name.toLowerCase());
  if (login === undefined || !session.login.administrator) {
    throw cannotAlterPrincipal("login", statement.name);
  }
  if (statement.password !== undefined) login.password = hashPassword(login.name, statement.password);
  if (statement.enabled !== undefined) login.enabled = statement.enabled;
  sink.done(undefined);
}

/** DROP LOGIN. Its users stay, as in SQL Server, and nobody enters as them. @throws SqlError 15151, 15434 */
export function dropLogin({ session, sink }: Frame, { name, ifExists }: Of<"dropPrincipal">): void {
  const { logins, sessions } = session.server;
  if (ifExists && !logins.has(name.toLowerCase())) return;
  if (!session.login.administrator || !logins.has(name.toLowerCase()))
    throw cannotDropPrincipal("login", name);
  const isUsed = [...sessions.values()].some(({ login }) => login.name.toLowerCase() === name.toLowerCase());
  if (isUsed) {
    const message = `Could not drop login '${name}' as the user is currently logged in.`;
    throw sqlError(message, { number: 15434 });
  }
  logins.delete(name.toLowerCase());
  sink.done(undefined);
}

/** ALTER SERVER ROLE sysadmin ADD or DROP MEMBER; sessions that are open stay what they are. @throws SqlError 15151 */
export function changeServerRole(
  { session, sink }: Frame,
  { role, member, change }: Pick<Of<"changeMember">, "role" | "member" | "change">,
): void {
  if (role.toLowerCase() !== "sysadmin") throw unsupported(`the server role '${role}'`, 0);
  const login = session.server.logins.get(member.toLowerCase());
  if (login === undefined || !session.login.administrator) throw cannotAlterPrincipal("server role", role);
  login.administrator = change === "ADD";
  sink.done(undefined);
}
