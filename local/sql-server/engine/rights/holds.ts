import { FIXED_PRINCIPALS, type Permission, type Securable } from "../catalog/principals.ts";

/** Who asks: himself, his roles and theirs, and public. "owner" (dbo) may do everything. */
export type Principal =
  { readonly kind: "owner" } | { readonly kind: "user"; readonly numbers: ReadonlySet<number> };

/** Does the principal effectively hold a permission? A DENY that covers it wins over every GRANT. */
export function holds(
  permissions: readonly Permission[],
  principal: Principal,
  permission: string,
  on: Securable,
): boolean {
  if (principal.kind === "owner") return true;
  const covering = coveringOf(permission, on);
  const concerned = [...permissions, ...FIXED].filter(
    (one) =>
      principal.numbers.has(one.grantee) &&
      covering.some((wanted) => wanted.permission === one.permission && isSame(wanted.on, one.on)),
  );
  return concerned.length > 0 && concerned.every(({ state }) => state === "GRANT");
}

type Covering = Pick<Permission, "permission" | "on">;

/** The permission itself, and all that imply it: CONTROL of the same thing, and the same on what contains it. */
function coveringOf(permission: string, on: Securable): readonly Covering[] {
  const here = [permission, ...strongerThan(permission, on.class)].map((name) => ({ permission: name, on }));
  const parent = parentOf(on);
  if (parent === undefined) return here;
  const inherited = coveringOf(permission, parent);
  // ALTER on a schema comes of ALTER ANY SCHEMA, too.
  const any =
    permission === "ALTER" && on.class === "SCHEMA" ? [{ permission: "ALTER ANY SCHEMA", on: parent }] : [];
  return [...here, ...inherited, ...any];
}

function strongerThan(permission: string, on: Securable["class"]): readonly string[] {
  const altered = on === "DATABASE" && /^(CREATE|ALTER ANY) /.test(permission);
  return altered ? ["ALTER", "CONTROL"] : permission === "CONTROL" ? [] : ["CONTROL"];
}

function parentOf(on: Securable): Securable | undefined {
  if (on.class === "DATABASE") return undefined;
  return on.class === "SCHEMA" ? { class: "DATABASE" } : { class: "SCHEMA", schema: on.schema };
}

export function isSame(left: Securable, right: Securable): boolean {
  if (left.class === "OBJECT") return right.class === "OBJECT" && left.id === right.id;
  if (left.class === "DATABASE") return right.class === "DATABASE";
  return right.class === "SCHEMA" && left.schema.toLowerCase() === right.schema.toLowerCase();
}

/** What the fixed roles hold without anybody having granted it. */
const FIXED: readonly Permission[] = Object.values(FIXED_PRINCIPALS).flatMap(
  ({ number: grantee, grants = [], denies = [] }) => {
    const on = { class: "DATABASE" } as const;
    return [
      ...grants.map((permission) => ({ grantee, state: "GRANT" as const, permission, on })),
      ...denies.map((permission) => ({ grantee, state: "DENY" as const, permission, on })),
    ];
  },
);
