/**
 * Runs what has the same key one after another, and different keys side by side. Writers of one process would
 * else refuse each other's ETags and read everything again.
 */
export function createTurns(): <T>(key: string, act: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, act) => {
    const before = last.get(key);
    const turn = before ? before.then(act, act) : act();
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}
