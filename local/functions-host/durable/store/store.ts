import { DatabaseSync } from "node:sqlite";
import { type Changes, createChanges, type Rows, type StoreListeners } from "./changes.ts";
import { createEntityRows } from "./entities.ts";
import { createHistoryRows } from "./history.ts";
import { createInboxRows } from "./inbox.ts";
import { createInstanceRows } from "./instances.ts";
import { schema } from "./schema.ts";
import { createActivityRows, createTimerRows } from "./work.ts";

export interface Store extends Rows {
  /** Runs `change` as one transaction: all of it is on disk when this returns, or nothing. */
  commit(change: (changes: Changes) => void): void;
  listen(listeners: StoreListeners): void;
  close(): void;
}

export function openStore(file: string): Store {
  const db = new DatabaseSync(file);
  // WAL with NORMAL: a commit survives the death of the process (what is promised here) without a disk flush each;
  // only the power failing may lose the last ones, and never half of one.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  db.exec(schema);
  const rows = {
    instances: createInstanceRows(db),
    history: createHistoryRows(db),
    inbox: createInboxRows(db),
    activities: createActivityRows(db),
    timers: createTimerRows(db),
    entities: createEntityRows(db),
  };
  let listeners: StoreListeners | undefined;
  const commit = (change: (changes: Changes) => void): void => {
    const acts: ((listeners: StoreListeners) => void)[] = [];
    db.exec("BEGIN IMMEDIATE");
    try {
      change(createChanges(rows, (act) => acts.push(act)));
      db.exec("COMMIT");
    } catch (error) {
      db.exec("ROLLBACK");
      rows.history.forget();
      throw error;
    }
    if (listeners === undefined) return;
    for (const act of acts) act(listeners);
  };
  return {
    ...rows,
    commit,
    listen: (these) => {
      listeners = these;
    },
    close: () => {
      db.close();
    },
  };
}
