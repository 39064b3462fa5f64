export interface WakeUps {
  /** Something changed for `key`: its work runs, once more if it runs already. */
  readonly wake: (key: string) => void;
  /** Waits for all work that runs. */
  readonly settled: () => Promise<void>;
}

/**
 * Runs work by key, one at a time of each. `work` must take all there is, for wake-ups during its run count once.
 * @param failed Told when work throws; the key may be woken again.
 */
export function createWakeUps(
  work: (key: string) => Promise<void>,
  failed: (key: string, error: unknown) => void,
): WakeUps {
  const awake = new Map<string, { again: boolean }>();
  const running = new Set<Promise<void>>();
  const run = async (key: string, state: { again: boolean }): Promise<void> => {
    try {
      while (state.again) {
        state.again = false;
        await work(key);
      }
    } catch (error) {
      failed(key, error);
    } finally {
      // In the same breath as the last look at `again`: a wake-up in between would be lost.
      awake.delete(key);
    }
  };
  return {
    wake: (key) => {
      const known = awake.get(key);
      if (known !== undefined) {
        known.again = true;
        return;
      }
      const state = { again: true };
      awake.set(key, state);
      const done = run(key, state).finally(() => running.delete(done));
      running.add(done);
    },
    settled: async () => {
      await Promise.all(running);
    },
  };
}
