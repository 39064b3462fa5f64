/** How many there are now, and the most there were at once. */
interface Level {
  readonly now: number;
  readonly peak: number;
}

/** What a server saw since it started or since `reset`: for tests that measure overlap and round trips. */
interface Counters {
  readonly connections: Level;
  readonly logins: number;
  /** Of the logins, those over a TLS session of an earlier connection. */
  readonly resumedLogins: number;
  readonly failedLogins: number;
  /** Messages from clients that wanted an answer, after the login: round trips. */
  readonly requests: number;
  /** Requests the engine is executing. */
  readonly executing: Level;
  /** The same by database, in lower case. */
  readonly executingByDatabase: ReadonlyMap<string, Level>;
}

export interface CountersRecorder {
  read(): Counters;
  /** Totals go back to 0, peaks to what is now. */
  reset(): void;
  connected(): void;
  disconnected(): void;
  loggedIn(over: { readonly resumed: boolean }): void;
  loginFailed(): void;
  requested(): void;
  /** Returns the function to call when the execution ended. */
  executing(database: string): () => void;
}

interface MutableLevel {
  now: number;
  peak: number;
}

const none = { logins: 0, resumedLogins: 0, failedLogins: 0, requests: 0 };

export function createCounters(): CountersRecorder {
  const connections = level();
  const executing = level();
  const byDatabase = new Map<string, MutableLevel>();
  const totals = { ...none };

  return {
    read: () => ({
      connections: { ...connections },
      executing: { ...executing },
      executingByDatabase: new Map([...byDatabase].map(([name, { now, peak }]) => [name, { now, peak }])),
      ...totals,
    }),
    reset() {
      Object.assign(totals, none);
      for (const one of [connections, executing, ...byDatabase.values()]) one.peak = one.now;
    },
    connected: () => {
      rise(connections);
    },
    disconnected: () => {
      connections.now -= 1;
    },
    loggedIn: ({ resumed }) => {
      totals.logins += 1;
      if (resumed) totals.resumedLogins += 1;
    },
    loginFailed: () => {
      totals.failedLogins += 1;
    },
    requested: () => {
      totals.requests += 1;
    },
    executing(database) {
      const here = levelOf(byDatabase, database.toLowerCase());
      rise(executing);
      rise(here);
      return () => {
        executing.now -= 1;
        here.now -= 1;
      };
    },
  };
}

function level(): MutableLevel {
  return { now: 0, peak: 0 };
}

function levelOf(levels: Map<string, MutableLevel>, name: string): MutableLevel {
  const known = levels.get(name);
  if (known !== undefined) return known;
  const created = level();
  levels.set(name, created);
  return created;
}

function rise(one: MutableLevel): void {
  one.now += 1;
  one.peak = Math.max(one.peak, one.now);
}
