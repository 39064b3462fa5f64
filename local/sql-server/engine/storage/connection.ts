import { DatabaseSync, type StatementSync } from "node:sqlite";
import QuickLRU from "quick-lru";
import type { Storage } from "../syntax/expression.ts";
import type { FunctionContext } from "../functions/context.ts";
import { registerFunctions } from "../functions/register.ts";

export type Row = readonly Storage[];

/** Counts up whenever another version of a database's catalogue may be seen: shared by all connections to its file. */
export interface VersionClock {
  ticks: number;
}

/** One SQLite connection: statements are prepared once, rows are arrays, whole numbers stay exact. */
export class Connection {
  /** Of the statement that runs now. */
  context: FunctionContext | undefined;
  private readonly database: DatabaseSync;
  private readonly statements = new QuickLRU<string, StatementSync>({ maxSize: 200 });
  private readonly clock: VersionClock;
  private known: { readonly version: number; readonly at: number } | undefined;
  /** Statements whose rows are being read. */
  private reading = 0;
  /** Its transaction has changed the catalogue. */
  private changesVersion = false;

  constructor(path: string, clock: VersionClock = { ticks: 0 }) {
    this.clock = clock;
    this.database = new DatabaseSync(path);
    // In-process locks order the writers, so SQLite itself never has to wait.
    this.database.exec("PRAGMA synchronous = OFF; PRAGMA busy_timeout = 0; PRAGMA foreign_keys = OFF");
    registerFunctions(this.database, () => this.context);
  }

  get inTransaction(): boolean {
    return this.database.isTransaction;
  }

  exec(sql: string): void {
    try {
      this.database.exec(sql);
    } finally {
      // It may have been the COMMIT that shows the change to others, or the ROLLBACK that takes it back.
      if (this.changesVersion) this.clock.ticks++;
      if (!this.inTransaction) {
        this.changesVersion = false;
        // A snapshot may have ended, which showed an older one than others see.
        this.known = undefined;
      }
    }
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
    try {
      // With setReturnArrays a row is an array, which the types of node:sqlite do not say.
      const rows = this.statement(sql).all(...bindable(values)) as unknown as readonly Storage[][];
      return rows.map((row) => row.map(narrow));
    } catch (error) {
      this.statements.delete(sql);
      throw error;
    }
  }

  *iterate(sql: string, values: Row): IterableIterator<Row> {
    this.reading++;
    try {
      const rows = this.statement(sql).iterate(...bindable(values)) as unknown as Iterable<Storage[]>;
      for (const row of rows) yield row.map(narrow);
    } catch (error) {
      // Run again, a statement that failed would first tell its old error, without a text.
      this.statements.delete(sql);
      throw error;
    } finally {
      this.reading--;
    }
  }

  /** Of the catalogue, as this connection sees it: read only when it may have changed, for every statement asks. */
  version(): number {
    const { ticks } = this.clock;
    if (this.known?.at === ticks) return this.known.version;
    // Rows that are still being read hold a snapshot, too.
    const keep = this.reading === 0;
    const version = this.readVersion();
    if (keep) this.known = { version, at: ticks };
    return version;
  }

  /** Inside BEGIN: from here on this connection sees the database as it is now. */
  beginSnapshot(): void {
    this.readVersion();
  }

  setVersion(version: number): void {
    this.changesVersion = true;
    this.exec(`PRAGMA user_version = ${version}`);
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  private readVersion(): number {
    return Number(this.all("PRAGMA user_version", [])[0]?.[0] ?? 0);
  }

  private statement(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.database.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
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
