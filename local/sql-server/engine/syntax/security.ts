import type { ObjectName } from "./expression.ts";

/** What a permission is on. */
export type SecurableSyntax =
  | { readonly class: "DATABASE" }
  | { readonly class: "SCHEMA"; readonly name: string }
  | { readonly class: "OBJECT"; readonly name: ObjectName };

/** Logins, users, roles, and what they may do. */
export type SecurityStatement =
  | { readonly kind: "createLogin"; readonly name: string; readonly password: string }
  | {
      readonly kind: "alterLogin";
      readonly name: string;
      readonly password?: string;
      readonly enabled?: boolean;
    }
  | { readonly kind: "createUser"; readonly name: string; readonly from: UserSource }
  | { readonly kind: "createRole"; readonly name: string }
  | {
      readonly kind: "dropPrincipal";
      readonly what: "LOGIN" | "USER" | "ROLE";
      readonly name: string;
      readonly ifExists: boolean;
    }
  | {
      readonly kind: "changeMember";
      readonly of: "ROLE" | "SERVER ROLE";
      readonly role: string;
      readonly member: string;
      readonly change: "ADD" | "DROP";
    }
  | {
      readonly kind: "permission";
      readonly action: "GRANT" | "DENY" | "REVOKE";
      /** In upper case: SELECT, CREATE TABLE … */
      readonly permissions: readonly string[];
      readonly on: SecurableSyntax;
      readonly to: readonly string[];
    };

/** Who a database's user is: a login's, one with a password of its own, an Entra identity, or nobody who logs in. */
export type UserSource =
  | { readonly kind: "login"; readonly login: string }
  | { readonly kind: "password"; readonly password: string }
  | { readonly kind: "external" | "none" };
