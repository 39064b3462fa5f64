import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Storage } from "../syntax/expression.ts";
import type { FunctionContext } from "../functions/context.ts";
import { registerFunctions } from "../functions/register.ts";

const CACHED_STATEMENTS = 200;

export type Row = readonly Storage[];

/** One SQLite connection: statements are prepared once, rows are arrays, whole numbers stay exact. */
export class Connection {
  /** Of the statement that runs now. */
  context: FunctionContext | undefined;
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.database = new DatabaseSync(path);
    // In-process locks order the writers, so SQLite itself never has to wait.
    this.database.exec("PRAGMA synchronous = OFF; PRAGMA busy_timeout = 0; PRAGMA foreign_keys = OFF");
    registerFunctions(this.database, () => this.context);
  }

  get inTransaction(): boolean {
    return this.database.isTransaction;
  }

  exec(sql: string): void {
    this.database.exec(sql);
  }

  /** @returns SQLite's rowid of the last insert. */
  run(sql: string, values: Row): { readonly changes: number; readonly rowid: number | bigint } {
    try {
      const { changes, lastInsertRowid } = this.statement(sql).run(...bindable(values));
      return { changes: Number(changes), rowid: lastInsertRowid };
    } catch (error) {
      this.statements.delete(sql);
      throw error;
    }
  }

  all(sql: string, values: Row): readonly Row[] {
    return [...this.iterate(sql, values)];
  }

  *iterate(sql: string, values: Row): IterableIterator<Row> {
    try {
      // With setReturnArrays a row is an array, which the types of node:sqlite do not say.
      const rows = this.statement(sql).iterate(...bindable(values)) as unknown as Iterable<Storage[]>;
      for (const row of rows) yield row.map(narrow);
    } catch (error) {
      // Run again, a statement that failed would first tell its old error, without a text.
      this.statements.delete(sql);
      throw error;
    }
  }

  version(): number {
    return Number(this.all("PRAGMA user_version", [])[0]?.[0] ?? 0);
  }

  setVersion(version: number): void {
    this.database.exec(`PRAGMA user_version = ${version}`);
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  private statement(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.database.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    if (this.statements.size >= CACHED_STATEMENTS) {
      this.statements.delete(this.statements.keys().next().value ?? "");
    }
    this.statements.set(sql, statement);
    return statement;
  }
}

function narrow(value: Storage): Storage {
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** node:sqlite binds a whole JavaScript number as REAL unless it is a bigint. */
function bindable(values: Row): Storage[] {
  return values.map((value) =>
    typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value,
  );
}
