import type { Catalog } from "../model.ts";
import {
  DB_OWNER,
  DBO,
  FIXED_PRINCIPALS,
  type PermissionObject,
  type PrincipalObject,
} from "../principals.ts";
import type { SystemView } from "../system-view.ts";
import type { Storage } from "../../syntax/expression.ts";
import { columns, storedDate } from "./columns.ts";
import { schemaId } from "./object-views.ts";

const TYPES = { user: ["S", "SQL_USER"], role: ["R", "DATABASE_ROLE"] } as const;

const FIXED_ROWS: readonly (readonly Storage[])[] = Object.entries(FIXED_PRINCIPALS).map(
  ([name, { number, type }]) => [
    ...[name, number, ...TYPES[type], type === "user" ? name : null, null],
    ...[Number(number >= DB_OWNER), type === "user" ? "INSTANCE" : "NONE"],
  ],
);

function principalRow(principal: PrincipalObject): readonly Storage[] {
  const { name, number, type, external, password, login, created } = principal;
  const [letter, description] = external === true ? ["E", "EXTERNAL_USER"] : TYPES[type];
  const authentication =
    external === true
      ? "EXTERNAL"
      : password !== undefined
        ? "DATABASE"
        : login !== undefined
          ? "INSTANCE"
          : "NONE";
  const schema = type === "user" ? "dbo" : null;
  return [name, number, letter, description, schema, storedDate(created), 0, authentication];
}

const CLASSES = { DATABASE: 0, OBJECT: 1, SCHEMA: 3 } as const;

function permissionRow(
  catalog: Catalog,
  { on, grantee, permission, state }: PermissionObject,
): readonly Storage[] {
  const description = on.class === "OBJECT" ? "OBJECT_OR_COLUMN" : on.class;
  const major = on.class === "OBJECT" ? on.id : on.class === "SCHEMA" ? schemaId(catalog, on.schema) : 0;
  return [CLASSES[on.class], description, major, 0, grantee, DBO, permission, state.slice(0, 1), state];
}

/** Users, roles, and what they may do, in a database. */
export const PRINCIPAL_VIEWS: Readonly<Record<string, SystemView>> = {
  database_principals: {
    columns: columns(
      "name:t principal_id:i type:c type_desc:t default_schema_name:t create_date:d is_fixed_role:b authentication_type_desc:t",
    ),
    rows: ({ view }) => [...FIXED_ROWS, ...view.catalog.principals.map(principalRow)],
  },
  database_role_members: {
    columns: columns("role_principal_id:i member_principal_id:i"),
    rows: ({ view }) => [
      [DB_OWNER, DBO],
      ...view.catalog.principals.flatMap(({ number, memberOf }) => memberOf.map((role) => [role, number])),
    ],
  },
  database_permissions: {
    columns: columns(
      "class:i class_desc:t major_id:i minor_id:i grantee_principal_id:i grantor_principal_id:i permission_name:t state:c state_desc:t",
    ),
    rows: ({ view: { catalog } }) => catalog.permissions.map((one) => permissionRow(catalog, one)),
  },
};
