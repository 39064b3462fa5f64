import type { DatabaseSync } from "node:sqlite";
import type { HistoryEvent } from "../history/events.ts";

/** An event on its way into an instance's history. */
export interface InboxMessage {
  readonly seq: number;
  /** The execution it is meant for; undefined: whichever runs (external events, control). */
  readonly executionId: string | undefined;
  readonly event: HistoryEvent;
}

export interface InboxRows {
  read(instanceId: string): readonly InboxMessage[];
  append(instanceId: string, executionId: string | undefined, event: HistoryEvent): void;
  /** Puts events before all that wait: what a new execution begins with. */
  prepend(instanceId: string, events: readonly HistoryEvent[]): void;
  delete(seq: number): void;
  clear(instanceId: string): void;
  /** Instances that something waits for. */
  waiting(): readonly string[];
}

interface Row {
  readonly seq: number;
  readonly execution_id: string | null;
  readonly event: string;
}

export function createInboxRows(db: DatabaseSync): InboxRows {
  const select = db.prepare("SELECT seq, execution_id, event FROM inbox WHERE instance_id = ? ORDER BY seq");
  const insert = db.prepare("INSERT INTO inbox (seq, instance_id, execution_id, event) VALUES (?, ?, ?, ?)");
  const remove = db.prepare("DELETE FROM inbox WHERE seq = ?");
  const clear = db.prepare("DELETE FROM inbox WHERE instance_id = ?");
  const waiting = db.prepare("SELECT DISTINCT instance_id AS id FROM inbox");
  const lowest = db.prepare("SELECT coalesce(min(seq), 0) AS seq FROM inbox");
  return {
    read: (instanceId) => (select.all(instanceId) as unknown as Row[]).map(toMessage),
    append: (instanceId, executionId, event) => {
      insert.run(null, instanceId, executionId ?? null, JSON.stringify(event));
    },
    prepend: (instanceId, events) => {
      const first = (lowest.get() as { seq: number }).seq - events.length;
      events.forEach((event, index) => insert.run(first + index, instanceId, null, JSON.stringify(event)));
    },
    delete: (seq) => {
      remove.run(seq);
    },
    clear: (instanceId) => {
      clear.run(instanceId);
    },
    waiting: () => (waiting.all() as unknown as { id: string }[]).map((row) => row.id),
  };
}

function toMessage(row: Row): InboxMessage {
  return {
    seq: row.seq,
    executionId: row.execution_id ?? undefined,
    event: JSON.parse(row.event) as HistoryEvent,
  };
}
