import { SqlError, type SqlMessage } from "../session.ts";

type Facts = Partial<Omit<SqlMessage, "message">> & { readonly number: number };

/** An error whose line is not known yet (0): the statement that raises it fills it in. */
export function sqlError(message: string, facts: Facts): SqlError {
  return new SqlError(message, { line: 0, ...facts });
}

/** The same error, at a place. A line already known stays. */
export function locate(error: SqlError, line: number, procedure: string): SqlError {
  if (error.line > 0) return error;
  const { message, number, state } = error;
  return new SqlError(message, { number, class: error.class, state, line, procedure });
}

export function invalidObject(name: string, line = 0): SqlError {
  return sqlError(`Invalid object name '${name}'.`, { number: 208, line });
}

export function invalidColumn(name: string, line = 0): SqlError {
  return sqlError(`Invalid column name '${name}'.`, { number: 207, line });
}

export function ambiguousColumn(name: string, line: number): SqlError {
  return sqlError(`Ambiguous column name '${name}'.`, { number: 209, line });
}

export function unboundIdentifier(name: string, line: number): SqlError {
  return sqlError(`The multi-part identifier "${name}" could not be bound.`, { number: 4104, line });
}

export function undeclaredVariable(name: string, line = 0): SqlError {
  return sqlError(`Must declare the scalar variable "${name}".`, { number: 137, class: 15, state: 2, line });
}

export function undeclaredTable(name: string, line = 0): SqlError {
  return sqlError(`Must declare the table variable "${name}".`, { number: 1087, class: 15, state: 2, line });
}

export function unknownFunction(name: string, line: number): SqlError {
  const message = `'${name}' is not a recognized built-in function name.`;
  return sqlError(message, { number: 195, class: 15, state: 10, line });
}

export function wrongArgumentCount(name: string, expected: number, line: number): SqlError {
  const message = `The ${name.toLowerCase()} function requires ${expected} argument(s).`;
  return sqlError(message, { number: 174, class: 15, line });
}

export function missingProcedure(name: string): SqlError {
  return sqlError(`Could not find stored procedure '${name}'.`, { number: 2812, state: 62 });
}

export function alreadyExists(name: string): SqlError {
  return sqlError(`There is already an object named '${name}' in the database.`, { number: 2714, state: 6 });
}

/** @param what e.g. "table", "procedure", "index" */
export function cannotDrop(what: string, name: string): SqlError {
  const message = `Cannot drop the ${what} '${name}', because it does not exist or you do not have permission.`;
  return sqlError(message, { number: 3701, class: 11, state: what === "index" ? 7 : 5 });
}

export function cannotFindTable(name: string): SqlError {
  const message = `Cannot find the object "${name}" because it does not exist or you do not have permissions.`;
  return sqlError(message, { number: 4902 });
}

export function divideByZero(): SqlError {
  return sqlError("Divide by zero error encountered.", { number: 8134 });
}

export function cannotBeNull(column: string, table: string, operation: string): SqlError {
  const message = `Cannot insert the value NULL into column '${column}', table '${table}'; column does not allow nulls. ${operation} fails.`;
  return sqlError(message, { number: 515, state: 2 });
}

export function truncated(table: string, column: string, value: string): SqlError {
  const message = `String or binary data would be truncated in table '${table}', column '${column}'. Truncated value: '${value}'.`;
  return sqlError(message, { number: 2628 });
}

/** Of a constraint (2627). @param kind "PRIMARY KEY" or "UNIQUE KEY" */
export function duplicateKey(kind: string, constraint: string, table: string, key: string): SqlError {
  const message = `Violation of ${kind} constraint '${constraint}'. Cannot insert duplicate key in object '${table}'. The duplicate key value is (${key}).`;
  return sqlError(message, { number: 2627, class: 14 });
}

/** Of a unique index (2601). */
export function duplicateIndexKey(index: string, table: string, key: string): SqlError {
  const message = `Cannot insert duplicate key row in object '${table}' with unique index '${index}'. The duplicate key value is (${key}).`;
  return sqlError(message, { number: 2601, class: 14 });
}

export interface Conflict {
  readonly statement: string;
  /** FOREIGN KEY, REFERENCE, CHECK, FOREIGN KEY SAME TABLE … */
  readonly kind: string;
  readonly constraint: string;
  readonly database: string;
  readonly table: string;
  /** "" when the constraint spans several columns. */
  readonly column: string;
}

export function conflict(facts: Conflict): SqlError {
  const column = facts.column === "" ? "" : `, column '${facts.column}'`;
  const message = `The ${facts.statement} statement conflicted with the ${facts.kind} constraint "${facts.constraint}". The conflict occurred in database "${facts.database}", table "${facts.table}"${column}.`;
  return sqlError(message, { number: 547, state: 0 });
}

export function loginFailed(user: string): SqlError {
  return sqlError(`Login failed for user '${user}'.`, { number: 18456, class: 14, line: 1 });
}

export function disabledLogin(user: string): SqlError {
  const message = `Login failed for user '${user}'. Reason: The account is disabled.`;
  return sqlError(message, { number: 18470, class: 14, line: 1 });
}

export function cannotOpenDatabase(database: string): SqlError {
  const message = `Cannot open database "${database}" requested by the login. The login failed.`;
  return sqlError(message, { number: 4060, class: 11, line: 1 });
}

export function unknownDatabase(database: string): SqlError {
  const message = `Database '${database}' does not exist. Make sure that the name is entered correctly.`;
  return sqlError(message, { number: 911 });
}

export function noTransaction(verb: "COMMIT" | "ROLLBACK"): SqlError {
  const message = `The ${verb} TRANSACTION request has no corresponding BEGIN TRANSACTION.`;
  return sqlError(message, { number: verb === "COMMIT" ? 3902 : 3903 });
}

export function deadlockVictim(session: number): SqlError {
  const message = `Transaction (Process ID ${session}) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.`;
  return sqlError(message, { number: 1205, class: 13, state: 45 });
}

export function lockTimeout(): SqlError {
  return sqlError("Lock request time out period exceeded.", { number: 1222, state: 45 });
}

export function uncommittable(): SqlError {
  const message =
    "The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.";
  return sqlError(message, { number: 3930 });
}

export function readOnlyDatabase(database: string): SqlError {
  const message = `Failed to update database "${database}" because the database is read-only.`;
  return sqlError(message, { number: 3906, state: 2 });
}

export function permissionDenied(
  permission: string,
  object: { readonly schema: string; readonly name: string },
  database: string,
): SqlError {
  const message = `The ${permission} permission was denied on the object '${object.name}', database '${database}', schema '${object.schema}'.`;
  return sqlError(message, { number: 229, class: 14, state: 5 });
}

/** @param permission e.g. "CREATE TABLE" */
export function createDenied(permission: string, database: string): SqlError {
  return sqlError(`${permission} permission denied in database '${database}'.`, { number: 262, class: 14 });
}

/** ALTER TABLE and CREATE INDEX of a table that is there. */
export function cannotAlter(name: string): SqlError {
  const message = `Cannot find the object "${name}" because it does not exist or you do not have permissions.`;
  return sqlError(message, { number: 1088, state: 13 });
}

export function cannotDropSchema(name: string): SqlError {
  const message = `Cannot drop the schema '${name}', because it does not exist or you do not have permission.`;
  return sqlError(message, { number: 15151 });
}

export function noSuchSchema(schema: string): SqlError {
  const message = `The specified schema name "${schema}" either does not exist or you do not have permission to use it.`;
  return sqlError(message, { number: 2760 });
}

export function cannotEnterDatabase(login: string, database: string): SqlError {
  const message = `The server principal "${login}" is not able to access the database "${database}" under the current security context.`;
  return sqlError(message, { number: 916, class: 14 });
}

export function notAllowed(): SqlError {
  return sqlError("User does not have permission to perform this action.", { number: 15247 });
}

/** @param what e.g. "role", "login" */
export function cannotAlterPrincipal(what: string, name: string): SqlError {
  const message = `Cannot alter the ${what} '${name}', because it does not exist or you do not have permission.`;
  return sqlError(message, { number: 15151 });
}

export function cannotDropPrincipal(what: string, name: string): SqlError {
  const message = `Cannot drop the ${what} '${name}', because it does not exist or you do not have permission.`;
  return sqlError(message, { number: 15151 });
}

/** GRANT and its like. @param what "object", "schema" or "user" */
export function cannotFindSecurable(what: string, name: string): SqlError {
  const message = `Cannot find the ${what} '${name}', because it does not exist or you do not have permission.`;
  return sqlError(message, { number: 15151 });
}
