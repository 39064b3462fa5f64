import type { Catalog } from "../catalog/model.ts";
import { DBO, FIXED_PRINCIPALS, GUEST, PUBLIC, type PrincipalObject } from "../catalog/principals.ts";
import type { Principal } from "./holds.ts";

/** Who a session logged in as. */
export interface LoginIdentity {
  readonly name: string;
  /** dbo everywhere. */
  readonly administrator: boolean;
  /** It is a user of one database, and has no login of the server. */
  readonly contained: boolean;
}

/** A login inside a database. */
export interface DatabaseUser {
  readonly name: string;
  readonly principal: Principal;
}

/** @returns undefined when the login may not enter the database */
export function findUser(catalog: Catalog, database: string, login: LoginIdentity): DatabaseUser | undefined {
  if (login.administrator) return { name: "dbo", principal: { kind: "owner" } };
  const name = login.name.toLowerCase();
  const user = catalog.principals.find((one) =>
    login.contained ? isContained(one, name) : one.login === name,
  );
  if (user !== undefined) return { name: user.name, principal: toPrincipal(catalog, user) };
  const guestsMayEnter = ["master", "tempdb"].includes(database.toLowerCase());
  return guestsMayEnter && !login.contained
    ? { name: "guest", principal: { kind: "user", numbers: new Set([GUEST, PUBLIC]) } }
    : undefined;
}

/** Every user may connect, until somebody denies it. */
export function mayConnect(catalog: Catalog, { principal }: DatabaseUser): boolean {
  if (principal.kind === "owner") return true;
  return catalog.permissions.every(
    ({ grantee, state, permission }) =>
      state === "GRANT" || permission !== "CONNECT" || !principal.numbers.has(grantee),
  );
}

/** The user that logs in to this database alone, by password or as an Entra identity. */
export function findContainedUser(catalog: Catalog, name: string): PrincipalObject | undefined {
  return catalog.principals.find((one) => isContained(one, name.toLowerCase()));
}

function isContained({ name, password, external }: PrincipalObject, wanted: string): boolean {
  return (password !== undefined || external === true) && name.toLowerCase() === wanted;
}

function toPrincipal(catalog: Catalog, user: PrincipalObject): Principal {
  return { kind: "user", numbers: new Set([PUBLIC, user.number, ...rolesOf(catalog, user)]) };
}

/** principal_id of all roles, also those that are members of others. */
function rolesOf(catalog: Catalog, { memberOf }: PrincipalObject): ReadonlySet<number> {
  const found = new Set<number>();
  const add = (numbers: readonly number[]): void => {
    for (const number of numbers) {
      if (found.has(number)) continue;
      found.add(number);
      add(catalog.principals.find((role) => role.number === number)?.memberOf ?? []);
    }
  };
  add(memberOf);
  return found;
}

/** principal_id by name. */
export function findPrincipalNumber(catalog: Catalog, name: string): number | undefined {
  const wanted = name.toLowerCase();
  const own = catalog.principals.find((one) => one.name.toLowerCase() === wanted);
  if (own !== undefined) return own.number;
  return Object.entries(FIXED_PRINCIPALS).find(([fixed]) => fixed.toLowerCase() === wanted)?.[1].number;
}

/** By principal_id. */
export function findPrincipalName(catalog: Catalog, number: number): string | undefined {
  const own = catalog.principals.find((one) => one.number === number);
  return own?.name ?? Object.entries(FIXED_PRINCIPALS).find(([, fixed]) => fixed.number === number)?.[0];
}

/** Is a principal in a role? undefined: one of them does not exist. dbo is in db_owner and in no other. */
export function isMember(catalog: Catalog, principal: string, role: string): boolean | undefined {
  const number = findPrincipalNumber(catalog, principal);
  const wanted = findPrincipalNumber(catalog, role);
  if (number === undefined || wanted === undefined || !isRole(catalog, wanted)) return undefined;
  if (wanted === PUBLIC || number === wanted) return true;
  if (number === DBO) return wanted === FIXED_PRINCIPALS["db_owner"]?.number;
  const own = catalog.principals.find((one) => one.number === number);
  return own !== undefined && rolesOf(catalog, own).has(wanted);
}

function isRole(catalog: Catalog, number: number): boolean {
  const own = catalog.principals.find((one) => one.number === number);
  const fixed = Object.values(FIXED_PRINCIPALS).find((one) => one.number === number);
  return (own ?? fixed)?.type === "role";
}
