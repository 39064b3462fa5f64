import { isTemporary } from "../../catalog/lookup.ts";
import { userOf } from "../../rights/ask.ts";
import type { DatabaseFile } from "../../storage/database-file.ts";
import type { ObjectName } from "../../syntax/expression.ts";
import type { Statement } from "../../syntax/statement.ts";
import type { Frame } from "../session-state.ts";

const KINDS = new Set<Statement["kind"]>(["select", "insert", "update", "delete", "truncate"]);
/** They speak of the current database, which is another one while the statement runs. */
const LOCAL_FUNCTIONS =
  /^(DB_|OBJECT_|SCHEMA_|USER_|IDENT_|IS_|HAS_|COL_|COLUMNPROPERTY|DATABASE_PRINCIPAL_ID)/;

const known = new WeakMap<Statement, string | undefined>();

/**
 * Runs a statement in the one other database that all its tables are in (`SELECT … FROM other.dbo.t`). One that
 * needs tables of two databases runs where it is, and is refused there.
 * @throws SqlError 916
 */
export async function runWhereTablesAre(
  frame: Frame,
  statement: Statement,
  run: () => Promise<void> | void,
): Promise<void> {
  const name = KINDS.has(statement.kind) ? otherDatabase(statement) : undefined;
  const database = name === undefined ? undefined : frame.session.server.databases.find(name);
  await (database === undefined ? run() : runInDatabase(frame, database, run));
}

/** With another current database, for as long as it takes. @throws SqlError 916 */
export async function runInDatabase<Result>(
  { session }: Frame,
  database: DatabaseFile,
  run: () => Promise<Result> | Result,
): Promise<Result> {
  const own = session.database;
  if (database === own) return run();
  userOf(session, database);
  session.database = database;
  database.users++;
  try {
    return await run();
  } finally {
    database.users--;
    session.database = own;
  }
}

function otherDatabase(statement: Statement): string | undefined {
  if (!known.has(statement)) known.set(statement, findDatabase(statement));
  return known.get(statement);
}

/** The database that every name is written with; undefined when one has another or none. */
function findDatabase(statement: Statement): string | undefined {
  // Most statements have no name of three parts, and some are long.
  if (!/\.[^.]*\./.test(statement.text)) return undefined;
  const names: ObjectName[] = [];
  const calls: string[] = [];
  JSON.stringify(statement, (_key, value: unknown) => {
    if (isObjectName(value)) names.push(value);
    if (isCall(value)) calls.push(value.name);
    return typeof value === "bigint" ? value.toString() : value;
  });
  const [first] = names;
  if (first === undefined || first.database === "" || calls.some((name) => LOCAL_FUNCTIONS.test(name)))
    return undefined;
  const wanted = first.database.toLowerCase();
  const fits = names.every(({ database, name }) => database.toLowerCase() === wanted && !isTemporary(name));
  return fits ? first.database : undefined;
}

function isObjectName(value: unknown): value is ObjectName {
  return typeof value === "object" && value !== null && "database" in value && "schema" in value;
}

function isCall(value: unknown): value is { readonly name: string } {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "call";
}
