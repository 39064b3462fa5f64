import type { DatabaseSync } from "node:sqlite";

/** A call of an activity that has not been answered. */
export interface ActivityItem {
  readonly seq: number;
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  /** JSON text. */
  readonly input: string;
}

export interface TimerItem {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  /** Milliseconds since 1970. */
  readonly fireAt: number;
}

export interface ActivityRows {
  readonly all: () => readonly ActivityItem[];
  readonly insert: (item: Omit<ActivityItem, "seq">) => ActivityItem;
  readonly delete: (seq: number) => void;
}

export interface TimerRows {
  readonly all: () => readonly TimerItem[];
  readonly insert: (item: TimerItem) => void;
  readonly delete: (instanceId: string, taskId: number) => void;
  readonly clear: (instanceId: string) => void;
}

export function createActivityRows(db: DatabaseSync): ActivityRows {
  const all =
    db.prepare(`SELECT seq, instance_id AS instanceId, execution_id AS executionId, task_id AS taskId,
    name, input FROM activities ORDER BY seq`);
  const insert = db.prepare(
    "INSERT INTO activities (instance_id, execution_id, task_id, name, input) VALUES (?, ?, ?, ?, ?)",
  );
  const remove = db.prepare("DELETE FROM activities WHERE seq = ?");
  return {
    all: () => all.all() as unknown as ActivityItem[],
    insert: (item) => {
      const row = insert.run(item.instanceId, item.executionId, item.taskId, item.name, item.input);
      return { ...item, seq: Number(row.lastInsertRowid) };
    },
    delete: (seq) => {
      remove.run(seq);
    },
  };
}

export function createTimerRows(db: DatabaseSync): TimerRows {
  const all = db.prepare(`SELECT instance_id AS instanceId, execution_id AS executionId, task_id AS taskId,
    fire_at AS fireAt FROM timers`);
  const insert = db.prepare(
    "INSERT OR REPLACE INTO timers (instance_id, execution_id, task_id, fire_at) VALUES (?, ?, ?, ?)",
  );
  const remove = db.prepare("DELETE FROM timers WHERE instance_id = ? AND task_id = ?");
  const clear = db.prepare("DELETE FROM timers WHERE instance_id = ?");
  return {
    all: () => all.all() as unknown as TimerItem[],
    insert: (item) => {
      insert.run(item.instanceId, item.executionId, item.taskId, item.fireAt);
    },
    delete: (instanceId, taskId) => {
      remove.run(instanceId, taskId);
    },
    clear: (instanceId) => {
      clear.run(instanceId);
    },
  };
}
