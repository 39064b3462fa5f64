import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Instance, ParentTask, RuntimeStatus } from "../instance.ts";

/** Which instances a list or a purge means; an absent field means any. */
export interface InstanceFilter {
  readonly statuses?: readonly string[];
  /** Milliseconds since 1970, inclusive, as createdTo. */
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly idPrefix?: string;
}

interface InstancePage {
  readonly instances: readonly Instance[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: number | undefined;
}

export interface InstanceRows {
  read(id: string): Instance | undefined;
  /** Inserts or replaces: an instance that ended gives its id to the new one. */
  insert(instance: Instance): void;
  update(instance: Instance): void;
  delete(id: string): void;
  list(filter: InstanceFilter, limit: number, after: number): InstancePage;
}

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly execution_id: string;
  readonly name: string;
  readonly version: string;
  readonly status: string;
  readonly input: string;
  readonly output: string;
  readonly custom_status: string;
  readonly parent: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export function createInstanceRows(db: DatabaseSync): InstanceRows {
  const read = db.prepare("SELECT * FROM instances WHERE id = ?");
  const insert = db.prepare(`INSERT OR REPLACE INTO instances
    (id, execution_id, name, version, status, input, output, custom_status, parent, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const update = db.prepare(`UPDATE instances
    SET execution_id = ?, status = ?, input = ?, output = ?, custom_status = ?, updated_at = ? WHERE id = ?`);
  const remove = db.prepare("DELETE FROM instances WHERE id = ?");
  return {
    read: (id) => {
      const row = read.get(id) as Row | undefined;
      return row === undefined ? undefined : toInstance(row);
    },
    insert: (i) => {
      const parent = i.parent === undefined ? null : JSON.stringify(i.parent);
      const state = [i.status, i.input, i.output, i.customStatus, parent, i.createdAt, i.updatedAt];
      insert.run(i.id, i.executionId, i.name, i.version, ...state);
    },
    update: (i) => {
      update.run(i.executionId, i.status, i.input, i.output, i.customStatus, i.updatedAt, i.id);
    },
    delete: (id) => {
      remove.run(id);
    },
    list: (filter, limit, after) => list(db, filter, limit, after),
  };
}

function list(db: DatabaseSync, filter: InstanceFilter, limit: number, after: number): InstancePage {
  const { conditions, values } = toConditions(filter);
  const where = ["seq > ?", ...conditions].join(" AND ");
  const select = db.prepare(`SELECT * FROM instances WHERE ${where} ORDER BY seq LIMIT ?`);
  const rows = select.all(after, ...values, limit + 1) as unknown as Row[];
  const page = rows.slice(0, limit);
  return { instances: page.map(toInstance), next: rows.length > limit ? page.at(-1)?.seq : undefined };
}

function toConditions(filter: InstanceFilter): { conditions: string[]; values: SQLInputValue[] } {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...parameters: SQLInputValue[]): void => {
    conditions.push(condition);
    values.push(...parameters);
  };
  if (filter.statuses !== undefined) {
    add(`status IN (${filter.statuses.map(() => "?").join(", ")})`, ...filter.statuses);
  }
  if (filter.createdFrom !== undefined) add("created_at >= ?", filter.createdFrom);
  if (filter.createdTo !== undefined) add("created_at <= ?", filter.createdTo);
  if (filter.idPrefix !== undefined) {
    add("substr(id, 1, ?) = ?", filter.idPrefix.length, filter.idPrefix);
  }
  return { conditions, values };
}

function toInstance(row: Row): Instance {
  return {
    id: row.id,
    executionId: row.execution_id,
    name: row.name,
    version: row.version,
    status: row.status as RuntimeStatus,
    input: row.input,
    output: row.output,
    customStatus: row.custom_status,
    parent: row.parent === null ? undefined : (JSON.parse(row.parent) as ParentTask),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
