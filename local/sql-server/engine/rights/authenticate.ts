import type { LoginRequest } from "../../session.ts";
import type { Catalog } from "../catalog/model.ts";
import { disabledLogin, loginFailed } from "../errors.ts";
import { hashPassword, type ServerLogins } from "./logins.ts";
import { findContainedUser, type LoginIdentity } from "./session-principal.ts";

export interface Credentials {
  readonly logins: ServerLogins;
  /** The user an Entra access token stands for; undefined refuses it. */
  readonly acceptAccessToken: ((token: string) => string | undefined) | undefined;
  /** Of the database asked for: its own users may log in to it. Read when needed; undefined: there is none. */
  readonly readCatalog: () => Catalog | undefined;
}

/** Who logs in. @throws SqlError 18456, 18470 */
export function authenticate(known: Credentials, request: LoginRequest): LoginIdentity {
  const { user, password, accessToken } = request;
  if (accessToken !== undefined) return readToken(known, accessToken);
  const login = known.logins.get(user.toLowerCase());
  if (login?.password === hashPassword(user, password)) {
    if (!login.enabled) throw disabledLogin(login.name);
    return { name: login.name, administrator: login.administrator, contained: false };
  }
  const catalog = login === undefined ? known.readCatalog() : undefined;
  const contained = catalog && findContainedUser(catalog, user);
  if (contained?.password !== hashPassword(user, password)) throw loginFailed(user);
  return { name: contained.name, administrator: false, contained: true };
}

/** An Entra identity is the server's administrator, but where a database has a user FROM EXTERNAL PROVIDER of its name. */
function readToken({ acceptAccessToken, readCatalog }: Credentials, token: string): LoginIdentity {
  const name = acceptAccessToken?.(token);
  if (name === undefined) throw loginFailed("<token-identified principal>");
  const catalog = readCatalog();
  const contained = catalog !== undefined && findContainedUser(catalog, name)?.external === true;
  return { name, administrator: !contained, contained };
}
