/** Everything a new process needs to go on; each table is written only inside a transaction of `store.commit`. */
export const schema = `
CREATE TABLE IF NOT EXISTS instances (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  execution_id TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  status TEXT NOT NULL,
  input TEXT NOT NULL,
  output TEXT NOT NULL,
  custom_status TEXT NOT NULL,
  parent TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS history (
  instance_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (instance_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox (
  seq INTEGER PRIMARY KEY,
  instance_id TEXT NOT NULL,
  execution_id TEXT,
  event TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS inbox_by_instance ON inbox (instance_id, seq);
CREATE TABLE IF NOT EXISTS activities (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  task_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  input TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS timers (
  instance_id TEXT NOT NULL,
  task_id INTEGER NOT NULL,
  execution_id TEXT NOT NULL,
  fire_at INTEGER NOT NULL,
  PRIMARY KEY (instance_id, task_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entities (
  id TEXT PRIMARY KEY,
  state TEXT,
  locked_by TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entity_messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  entity_id TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entity_messages_by_entity ON entity_messages (entity_id, seq);
`;
