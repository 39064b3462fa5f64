import type { DatabaseSync } from "node:sqlite";
import type { EntityMessage } from "../entities/messages.ts";

export interface EntityRow {
  /** JSON text; null: the entity does not exist. */
  readonly state: string | null;
  /** The instance that holds its lock. */
  readonly lockedBy: string | null;
}

export interface QueuedEntityMessage {
  readonly seq: number;
  readonly message: EntityMessage;
}

export interface EntityRows {
  read(id: string): EntityRow;
  write(id: string, row: EntityRow): void;
  messages(id: string): readonly QueuedEntityMessage[];
  enqueue(id: string, message: EntityMessage): void;
  dequeue(seq: number): void;
  /** Entities locked by an instance. */
  lockedBy(instanceId: string): readonly string[];
  /** Entities that have messages. */
  waiting(): readonly string[];
}

export function createEntityRows(db: DatabaseSync): EntityRows {
  const read = db.prepare("SELECT state, locked_by AS lockedBy FROM entities WHERE id = ?");
  const write = db.prepare("INSERT OR REPLACE INTO entities (id, state, locked_by) VALUES (?, ?, ?)");
  const messages = db.prepare("SELECT seq, message FROM entity_messages WHERE entity_id = ? ORDER BY seq");
  const enqueue = db.prepare("INSERT INTO entity_messages (entity_id, message) VALUES (?, ?)");
  const dequeue = db.prepare("DELETE FROM entity_messages WHERE seq = ?");
  const locked = db.prepare("SELECT id FROM entities WHERE locked_by = ?");
  const waiting = db.prepare("SELECT DISTINCT entity_id AS id FROM entity_messages");
  const ids = (rows: unknown): string[] => (rows as { id: string }[]).map((row) => row.id);
  return {
    read: (id) => (read.get(id) as EntityRow | undefined) ?? { state: null, lockedBy: null },
    write: (id, row) => {
      write.run(id, row.state, row.lockedBy);
    },
    messages: (id) =>
      (messages.all(id) as unknown as { seq: number; message: string }[]).map((row) => ({
        seq: row.seq,
        message: JSON.parse(row.message) as EntityMessage,
      })),
    enqueue: (id, message) => {
      enqueue.run(id, JSON.stringify(message));
    },
    dequeue: (seq) => {
      dequeue.run(seq);
    },
    lockedBy: (instanceId) => ids(locked.all(instanceId)),
    waiting: () => ids(waiting.all()),
  };
}
