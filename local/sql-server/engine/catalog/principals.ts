/** A user or role of a database, as its catalogue keeps it. */
export interface PrincipalObject {
  readonly kind: "principal";
  /** Of the catalogue's row. */
  readonly id: number;
  /** principal_id */
  readonly number: number;
  readonly type: "user" | "role";
  readonly name: string;
  /** Whose user it is, in lower case; absent for one that logs in by itself, or not at all. */
  readonly login?: string;
  /** It logs in to this database alone: the hash of its password. */
  readonly password?: string;
  /** An Entra identity. */
  readonly external?: true;
  /** principal_id of each role it is a direct member of. */
  readonly memberOf: readonly number[];
  /** ISO, UTC. */
  readonly created: string;
}

export type Securable =
  | { readonly class: "DATABASE" }
  | { readonly class: "SCHEMA"; readonly schema: string }
  | { readonly class: "OBJECT"; readonly schema: string; readonly id: number };

/** Something granted or denied. */
export interface Permission {
  /** principal_id */
  readonly grantee: number;
  readonly state: "GRANT" | "DENY";
  readonly permission: string;
  readonly on: Securable;
}

export interface PermissionObject extends Permission {
  readonly kind: "permission";
  /** Of the catalogue's row. */
  readonly id: number;
}

/** principal_id of what every database has. */
export const PUBLIC = 0;
export const DBO = 1;
export const GUEST = 2;
export const DB_OWNER = 16_384;

/** The first user or role of one's own. */
export const FIRST_PRINCIPAL = 5;

interface FixedPrincipal {
  readonly number: number;
  readonly type: "user" | "role";
  /** What a member of the role may, or may not. */
  readonly grants?: readonly string[];
  readonly denies?: readonly string[];
}

/** learn.microsoft.com, "Database-level roles". */
export const FIXED_PRINCIPALS: Readonly<Record<string, FixedPrincipal>> = {
  public: { number: PUBLIC, type: "role" },
  dbo: { number: DBO, type: "user" },
  guest: { number: GUEST, type: "user" },
  INFORMATION_SCHEMA: { number: 3, type: "user" },
  sys: { number: 4, type: "user" },
  db_owner: { number: DB_OWNER, type: "role", grants: ["CONTROL"] },
  db_accessadmin: { number: 16_385, type: "role", grants: ["ALTER ANY USER"] },
  db_securityadmin: {
    number: 16_386,
    type: "role",
    grants: ["ALTER ANY ROLE", "CREATE ROLE", "VIEW DEFINITION"],
  },
  db_ddladmin: {
    number: 16_387,
    type: "role",
    grants: [
      ...[
        "CREATE TABLE",
        "CREATE VIEW",
        "CREATE PROCEDURE",
        "CREATE SCHEMA",
        "ALTER ANY SCHEMA",
        "REFERENCES",
      ],
      "VIEW DEFINITION",
    ],
  },
  db_backupoperator: { number: 16_389, type: "role", grants: ["BACKUP DATABASE"] },
  db_datareader: { number: 16_390, type: "role", grants: ["SELECT"] },
  db_datawriter: { number: 16_391, type: "role", grants: ["INSERT", "UPDATE", "DELETE"] },
  db_denydatareader: { number: 16_392, type: "role", denies: ["SELECT"] },
  db_denydatawriter: { number: 16_393, type: "role", denies: ["INSERT", "UPDATE", "DELETE"] },
};
