import type { ResultSink, SqlMessage, SqlParameter, SqlRequest, SqlSession } from "../session.ts";
import type { BulkLoad, BulkLoadTarget } from "./bulk-load.ts";
import type { Response } from "./response.ts";

/** SQL Server takes at most 2,100 parameters and 1,000 rows per INSERT. */
const MOST_PARAMETERS = 2_000;
const MOST_ROWS = 1_000;
const SAVEPOINT = "bulk_load";

/** The engine knows no bulk load: it gets INSERT statements, all of them or none. */
export async function runBulkLoad(
  session: SqlSession,
  { table }: BulkLoadTarget,
  load: BulkLoad,
  { response, signal }: { readonly response: Response; readonly signal: AbortSignal },
): Promise<void> {
  const own = session.transactionCount === 0;
  if (own) session.beginTransaction("readCommitted", "");
  else await session.saveTransaction(SAVEPOINT);
  const failure = await insertAll(session, toInserts(table, load), signal);
  if (failure !== undefined || signal.aborted) await session.rollbackTransaction(own ? "" : SAVEPOINT);
  else if (own) await session.commitTransaction();
  if (failure === undefined) response.done(load.rows.length);
  else response.error(failure);
}

/** Resolves to the first error, if there was one. */
async function insertAll(
  session: SqlSession,
  inserts: readonly SqlRequest[],
  signal: AbortSignal,
): Promise<SqlMessage | undefined> {
  const errors: SqlMessage[] = [];
  for (const request of inserts) {
    if (signal.aborted || errors.length > 0) break;
    await session.execute(request, listenForErrors(errors), signal);
  }
  return errors[0];
}

function toInserts(table: string, load: BulkLoad): readonly SqlRequest[] {
  const size = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_PARAMETERS / load.columns.length)));
  const count = Math.ceil(load.rows.length / size);
  return Array.from({ length: count }, (_, index) =>
    toInsert(table, load, load.rows.slice(index * size, (index + 1) * size)),
  );
}

function listenForErrors(errors: SqlMessage[]): ResultSink {
  const nothing = (): void => undefined;
  return {
    columns: nothing,
    row: nothing,
    done: nothing,
    info: nothing,
    error: (message) => errors.push(message),
    returnStatus: nothing,
    outputParameter: nothing,
    databaseChanged: nothing,
    transactionChanged: nothing,
  };
}

function toInsert(table: string, { columns }: BulkLoad, rows: BulkLoad["rows"]): SqlRequest {
  const values = rows.flatMap((row, y) =>
    columns.map(({ type }, x): SqlParameter => ({
      name: nameOf(x, y),
      output: false,
      type,
      value: row[x] ?? null,
    })),
  );
  const names = columns.map(({ name }) => `[${name.replaceAll("]", "]]")}]`).join(", ");
  const tuples = rows.map((_, y) => `(${columns.map((_column, x) => nameOf(x, y)).join(", ")})`).join(", ");
  const declarations = values.map(({ name, type }) => `${name} ${declare(type)}`).join(", ");
  const statement = `INSERT INTO ${table} (${names}) VALUES ${tuples}`;
  return {
    kind: "procedure",
    name: "sp_executesql",
    parameters: [toText("@stmt", statement), toText("@params", declarations), ...values],
  };
}

function nameOf(column: number, row: number): string {
  return `@p${row}_${column}`;
}

function toText(name: string, value: string): SqlParameter {
  return { name, output: false, type: { name: "nvarchar", length: "max" }, value };
}

function declare({ name, length, precision, scale }: SqlParameter["type"]): string {
  if (name === "decimal") return `decimal(${precision ?? 18}, ${scale ?? 0})`;
  if (length !== undefined) return `${name}(${length})`;
  return scale === undefined ? name : `${name}(${scale})`;
}
