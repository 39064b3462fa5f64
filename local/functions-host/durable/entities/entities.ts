import type { Engine } from "../engine.ts";
import { createWakeUps } from "../wake-ups.ts";
import { takeEntityTurn } from "./entity-turn.ts";

export interface Entities {
  /** Something changed in an entity's queue, or its lock. */
  readonly wake: (entityId: string) => void;
  /** Takes no new operations; waits for those that run. */
  readonly stop: () => Promise<void>;
}

/** Works through the queues of all entities: one batch at a time of each. */
export function createEntities(engine: Engine): Entities {
  let stopped = false;
  const takeTurns = async (entityId: string): Promise<void> => {
    while (!stopped && (await takeEntityTurn(engine, entityId)));
  };
  const awake = createWakeUps(takeTurns, (entityId, error) => {
    engine.log({ event: "backend-error", where: `entity ${entityId}`, error });
  });
  return {
    wake: (entityId) => {
      if (!stopped) awake.wake(entityId);
    },
    stop: async () => {
      stopped = true;
      await awake.settled();
    },
  };
}
