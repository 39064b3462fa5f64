import { describe, expect, it } from "vitest";
import { createWakeUps } from "../../../../local/functions-host/durable/wake-ups.ts";

describe("wake-ups", () => {
  it("runs once more for any number of wake-ups during a run", async () => {
    let runs = 0;
    const wakeUps = createWakeUps(async () => {
      runs += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }, fail);
    wakeUps.wake("a");
    wakeUps.wake("a");
    wakeUps.wake("a");
    await wakeUps.settled();
    expect(runs).toBe(2);
  });

  it("loses none, however close to the end of a run it comes", async () => {
    for (let ticks = 0; ticks < 12; ticks += 1) {
      let runs = 0;
      const wakeUps = createWakeUps(() => {
        runs += 1;
        return Promise.resolve();
      }, fail);
      wakeUps.wake("a");
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      wakeUps.wake("a");
      await wakeUps.settled();
      expect(runs, `woken again after ${ticks} ticks`).toBe(2);
    }
  });

  it("tells of a failure and can be woken again", async () => {
    const failures: unknown[] = [];
    const wakeUps = createWakeUps(
      (key) => Promise.reject(new Error(key)),
      (key, error) => failures.push([key, (error as Error).message]),
    );
    wakeUps.wake("a");
    await wakeUps.settled();
    wakeUps.wake("a");
    await wakeUps.settled();
    expect(failures).toEqual([
      ["a", "a"],
      ["a", "a"],
    ]);
  });
});

function fail(_key: string, error: unknown): void {
  throw error as Error;
}
