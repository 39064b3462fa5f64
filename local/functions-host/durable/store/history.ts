import type { DatabaseSync } from "node:sqlite";
import type { HistoryEvent } from "../history/events.ts";

export interface HistoryRows {
  read(instanceId: string): readonly HistoryEvent[];
  append(instanceId: string, events: readonly HistoryEvent[]): void;
  replace(instanceId: string, events: readonly HistoryEvent[]): void;
  /** Drops what is remembered of one instance (it ended), or of all (a transaction failed): not what is stored. */
  forget(instanceId?: string): void;
}

/** Histories, with those of running instances kept in memory: every turn needs the whole of one. */
export function createHistoryRows(db: DatabaseSync): HistoryRows {
  const select = db.prepare("SELECT event FROM history WHERE instance_id = ? ORDER BY position");
  const insert = db.prepare("INSERT INTO history (instance_id, position, event) VALUES (?, ?, ?)");
  const remove = db.prepare("DELETE FROM history WHERE instance_id = ?");
  const remembered = new Map<string, HistoryEvent[]>();

  const load = (instanceId: string): HistoryEvent[] => {
    const known = remembered.get(instanceId);
    if (known !== undefined) return known;
    const rows = select.all(instanceId) as unknown as { readonly event: string }[];
    const events = rows.map((row) => JSON.parse(row.event) as HistoryEvent);
    remembered.set(instanceId, events);
    return events;
  };
  const append = (instanceId: string, events: readonly HistoryEvent[]): void => {
    const history = load(instanceId);
    for (const event of events) {
      insert.run(instanceId, history.length, JSON.stringify(event));
      history.push(event);
    }
  };
  return {
    read: load,
    append,
    replace: (instanceId, events) => {
      remove.run(instanceId);
      remembered.set(instanceId, []);
      append(instanceId, events);
    },
    forget: (instanceId) => {
      if (instanceId === undefined) remembered.clear();
      else remembered.delete(instanceId);
    },
  };
}
