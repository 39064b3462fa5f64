import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CATALOG_SCHEMA, newVersion } from "../catalog/store.ts";
import type { Connection } from "./connection.ts";
import { DatabaseFile } from "./database-file.ts";

/**
 * Idle connections kept over all databases, with their prepared statements: to open one and prepare anew costs 1 ms, to
 * keep it 0.3 MB and three open files.
 */
const IDLE_LIMIT = 1_024;
const FIRST_USER_DATABASE = 5;

/** All databases of a server, by name in lower case. Files are opened when first used. */
export class Databases {
  private readonly folder: string;
  private readonly now: () => Date;
  private readonly byName = new Map<string, DatabaseFile>();
  private readonly idle = new Set<DatabaseFile>();
  private nextId = FIRST_USER_DATABASE;

  constructor(folder: string, now: () => Date) {
    this.folder = folder;
    this.now = now;
    mkdirSync(folder, { recursive: true });
    writeTemplate(this.template);
    this.register("master", 1);
    this.register("tempdb", 2);
  }

  find(name: string): DatabaseFile | undefined {
    return this.byName.get(name.toLowerCase());
  }

  get(name: string): DatabaseFile {
    const found = this.find(name);
    if (found === undefined) throw new Error(`no database ${name}`);
    return found;
  }

  list(): readonly DatabaseFile[] {
    return [...this.byName.values()].sort((left, right) => left.id - right.id);
  }

  /** Copies the template: a millisecond or less. An existing file of that name is kept and used. */
  create(name: string): DatabaseFile {
    return this.register(name, this.nextId++);
  }

  drop(database: DatabaseFile): void {
    database.closeIdle();
    this.idle.delete(database);
    this.byName.delete(database.name.toLowerCase());
    for (const suffix of ["", "-wal", "-shm", "-readonly"]) rmSync(database.path + suffix, { force: true });
  }

  giveBack(database: DatabaseFile, connection: Connection, reusable: boolean): void {
    if (!this.byName.has(database.name.toLowerCase())) {
      connection.close();
      return;
    }
    database.giveBack(connection, reusable);
    this.idle.delete(database);
    if (database.isIdle) this.idle.add(database);
    const [oldest] = this.idle;
    if (this.idle.size <= IDLE_LIMIT || oldest === undefined) return;
    oldest.closeIdle();
    this.idle.delete(oldest);
  }

  close(): void {
    for (const database of this.byName.values()) database.closeIdle();
  }

  private get template(): string {
    return join(this.folder, "template.sqlite");
  }

  private register(name: string, id: number): DatabaseFile {
    const path = join(this.folder, `${encodeURIComponent(name.toLowerCase())}.db.sqlite`);
    if (!existsSync(path)) copyFileSync(this.template, path);
    const database = new DatabaseFile({ name, id, path, created: this.now().toISOString() });
    this.byName.set(name.toLowerCase(), database);
    return database;
  }
}

/** WAL is a property of the file, so every copy has it. */
function writeTemplate(path: string): void {
  if (existsSync(path)) return;
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  database.exec(`${CATALOG_SCHEMA}; PRAGMA user_version = ${newVersion()}; PRAGMA wal_checkpoint(TRUNCATE)`);
  database.close();
}
