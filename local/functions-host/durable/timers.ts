import type { Engine } from "./engine.ts";
import { EventType, stamp } from "./history/events.ts";
import type { TimerItem } from "./store/work.ts";

export interface Timers {
  readonly set: (item: TimerItem) => void;
  readonly cancel: (instanceId: string, taskId: number) => void;
  /** Forgets all timers of an instance. */
  readonly clear: (instanceId: string) => void;
  readonly stop: () => void;
}

/** A timer of Node's fires at once when set for longer than this; so longer ones are set again. */
const longestWait = 2 ** 31 - 1;

/** Lets durable timers fire by the engine's clock. */
export function createTimers(engine: Engine): Timers {
  const set = new Map<string, Map<number, () => void>>();
  const forget = (instanceId: string, taskId: number): void => {
    const timers = set.get(instanceId);
    timers?.delete(taskId);
    if (timers?.size === 0) set.delete(instanceId);
  };
  let stopped = false;
  const arm = (item: TimerItem): void => {
    if (stopped) return;
    const wait = Math.min(Math.max(item.fireAt - engine.clock.now(), 0), longestWait);
    const take = engine.clock.after(wait, () => {
      if (engine.clock.now() < item.fireAt) {
        arm(item);
        return;
      }
      forget(item.instanceId, item.taskId);
      try {
        fire(engine, item);
      } catch (error) {
        engine.log({ event: "backend-error", where: `timer ${item.taskId} of ${item.instanceId}`, error });
      }
    });
    const timers = set.get(item.instanceId) ?? new Map<number, () => void>();
    set.set(item.instanceId, timers.set(item.taskId, take));
  };
  return {
    set: arm,
    cancel: (instanceId, taskId) => {
      set.get(instanceId)?.get(taskId)?.();
      forget(instanceId, taskId);
    },
    clear: (instanceId) => {
      for (const take of set.get(instanceId)?.values() ?? []) take();
      set.delete(instanceId);
    },
    stop: () => {
      stopped = true;
      for (const timers of set.values()) for (const take of timers.values()) take();
      set.clear();
    },
  };
}

function fire(engine: Engine, { instanceId, executionId, taskId, fireAt }: TimerItem): void {
  engine.store.commit((changes) => {
    changes.timers.delete(instanceId, taskId);
    changes.send(instanceId, executionId, {
      ...stamp(engine.clock.now()),
      EventType: EventType.TimerFired,
      TimerId: taskId,
      FireAt: new Date(fireAt).toISOString(),
    });
  });
}
