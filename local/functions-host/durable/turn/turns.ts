import pLimit from "p-limit";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../engine.ts";
import { createWakeUps } from "../wake-ups.ts";
import { takeTurn } from "./take-turn.ts";

export interface Turns {
  /** Something changed in an instance's inbox. */
  readonly wake: (instanceId: string) => void;
  /** Takes no new turn; waits for those that run. */
  readonly stop: () => Promise<void>;
}

/**
 * Takes the turns of all instances: one at a time of each, so many at a time of all as the limit says.
 * @param outstanding How many activities of an instance have not been answered.
 */
export function createTurns(engine: Engine, outstanding: (instanceId: string) => number): Turns {
  const limit = pLimit(engine.limits.maxConcurrentOrchestratorFunctions);
  let stopped = false;

  const takeTurns = async (instanceId: string): Promise<void> => {
    let took = true;
    while (took && !stopped) {
      const began = performance.now();
      took = await limit(async () => !stopped && (await takeTurn(engine, instanceId)));
      // A turn costs what the history is long: with more answers on their way, turns get half of the time, so that
      // a fan-in of thousands takes few long turns and not one for each handful of answers.
      if (took && outstanding(instanceId) > 0) await sleep(performance.now() - began);
    }
  };
  const awake = createWakeUps(takeTurns, (instanceId, error) => {
    engine.log({ event: "backend-error", where: `turn of ${instanceId}`, error });
  });
  return {
    wake: (instanceId) => {
      if (!stopped) awake.wake(instanceId);
    },
    stop: async () => {
      stopped = true;
      await awake.settled();
    },
  };
}
