import { existsSync, rmSync, writeFileSync } from "node:fs";
import { Connection, type VersionClock } from "./connection.ts";

/** One database: its file, and what its sessions share in memory. */
export class DatabaseFile {
  readonly name: string;
  /** database_id */
  readonly id: number;
  readonly path: string;
  /** ISO, UTC. */
  readonly created: string;
  /** The last identity value of each table id, not rolled back, as in SQL Server. */
  readonly identities = new Map<number, number>();
  /** How many sessions have it as their current database. */
  users = 0;
  private readonly clock: VersionClock = { ticks: 0 };
  private isReadOnly: boolean;
  private idle: Connection | undefined;

  constructor(facts: {
    readonly name: string;
    readonly id: number;
    readonly path: string;
    readonly created: string;
  }) {
    this.name = facts.name;
    this.id = facts.id;
    this.path = facts.path;
    this.created = facts.created;
    this.isReadOnly = existsSync(this.marker);
  }

  /** ALTER DATABASE … SET READ_ONLY; a file beside the database keeps it. */
  get readOnly(): boolean {
    return this.isReadOnly;
  }

  set readOnly(value: boolean) {
    this.isReadOnly = value;
    if (value) writeFileSync(this.marker, "");
    else rmSync(this.marker, { force: true });
  }

  private get marker(): string {
    return `${this.path}-readonly`;
  }

  get isIdle(): boolean {
    return this.idle !== undefined;
  }

  open(): Connection {
    const connection = this.idle ?? new Connection(this.path, this.clock);
    this.idle = undefined;
    return connection;
  }

  /** Keeps one connection for the next session and closes the others. */
  giveBack(connection: Connection, reusable: boolean): void {
    connection.context = undefined;
    if (!reusable || this.idle !== undefined) connection.close();
    else this.idle = connection;
  }

  closeIdle(): void {
    this.idle?.close();
    this.idle = undefined;
  }
}
