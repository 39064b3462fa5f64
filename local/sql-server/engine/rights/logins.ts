import { createHash } from "node:crypto";

/** A login of the server. They last as long as the server; only users of databases are kept in files. */
interface ServerLogin {
  readonly name: string;
  /** See {@link hashPassword}. */
  password: string;
  enabled: boolean;
  /** Member of sysadmin: dbo in every database. */
  administrator: boolean;
}

/** Logins by name in lower case. */
export type ServerLogins = Map<string, ServerLogin>;

export function createLogins(
  administrators: readonly { readonly user: string; readonly password: string }[],
): ServerLogins {
  return new Map(
    administrators.map(({ user: name, password }) => [
      name.toLowerCase(),
      { name, password: hashPassword(name, password), enabled: true, administrator: true },
    ]),
  );
}

/** So that no password can be read from a database's file. */
export function hashPassword(name: string, password: string): string {
  return createHash("sha256").update(`${name.toLowerCase()}\0${password}`).digest("base64");
}
