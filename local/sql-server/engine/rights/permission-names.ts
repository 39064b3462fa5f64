/**
 * The permissions that mean something here (learn.microsoft.com, "Permissions (Database Engine)"): on a database, and
 * those of them that can be held on a schema or an object alone.
 */
const ON_OBJECTS = "SELECT,INSERT,UPDATE,DELETE,EXECUTE,REFERENCES,ALTER,CONTROL,VIEW DEFINITION".split(",");
const ON_DATABASES = [
  ...ON_OBJECTS,
  ...["CONNECT", "CREATE TABLE", "CREATE VIEW", "CREATE PROCEDURE", "CREATE SCHEMA", "CREATE ROLE"],
  ...["ALTER ANY SCHEMA", "ALTER ANY USER", "ALTER ANY ROLE", "BACKUP DATABASE", "SHOWPLAN"],
  ...["VIEW DATABASE STATE"],
];

export type SecurableClass = "DATABASE" | "SCHEMA" | "OBJECT";

export function isPermission(name: string, on: SecurableClass = "DATABASE"): boolean {
  return (on === "DATABASE" ? ON_DATABASES : ON_OBJECTS).includes(name);
}

export function permissionsOn(on: SecurableClass): readonly string[] {
  return on === "DATABASE" ? ON_DATABASES : ON_OBJECTS;
}
