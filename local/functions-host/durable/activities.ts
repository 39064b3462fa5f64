import pLimit from "p-limit";
import { describeUnknown, type Engine, findFunction } from "./engine.ts";
import { EventType, type HistoryEvent, stamp } from "./history/events.ts";
import { sendHttp } from "./http-call.ts";
import type { ActivityItem } from "./store/work.ts";
import { cutFailure, noticeLarge, toReturnedText } from "./text.ts";
import { httpActivity } from "./turn/wanted.ts";

export interface Activities {
  readonly enqueue: (item: ActivityItem) => void;
  /** Activities of an instance that wait or run. */
  readonly outstanding: (instanceId: string) => number;
  /** Starts none any more; waits for those that run. The rest stays in the store. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs activities, so many at a time as the limit says. An activity whose answer is not on disk when the process
 * dies is run again: at least once, as upstream. One that belongs to an ended instance still runs, as upstream.
 */
export function createActivities(engine: Engine): Activities {
  const limit = pLimit(engine.limits.maxConcurrentActivityFunctions);
  const running = new Set<Promise<void>>();
  const counts = new Map<string, number>();
  let stopped = false;
  const count = (instanceId: string, by: number): void => {
    const left = (counts.get(instanceId) ?? 0) + by;
    if (left === 0) counts.delete(instanceId);
    else counts.set(instanceId, left);
  };
  const run = async (item: ActivityItem): Promise<void> => {
    if (stopped) return;
    const event = await runActivity(engine, item);
    count(item.instanceId, -1);
    engine.store.commit((changes) => {
      changes.activities.delete(item.seq);
      changes.send(item.instanceId, item.executionId, event);
    });
  };
  return {
    enqueue: (item) => {
      count(item.instanceId, 1);
      const task = limit(run, item)
        .catch((error: unknown) => {
          engine.log({ event: "backend-error", where: `activity ${item.name}`, error });
        })
        .finally(() => running.delete(task));
      running.add(task);
    },
    outstanding: (instanceId) => counts.get(instanceId) ?? 0,
    stop: async () => {
      stopped = true;
      await Promise.all(running);
    },
  };
}

async function runActivity(engine: Engine, item: ActivityItem): Promise<HistoryEvent> {
  try {
    const Result = await callActivity(engine, item);
    noticeLarge(engine, item.instanceId, `output of ${item.name}`, Result);
    const now = engine.clock.now();
    return { ...stamp(now), EventType: EventType.TaskCompleted, TaskScheduledId: item.taskId, Result };
  } catch (error) {
    return toFailed(engine, item, error);
  }
}

async function callActivity(engine: Engine, item: ActivityItem): Promise<string> {
  if (item.name === httpActivity) return await sendHttp(item.input);
  const name = findFunction(engine, "activityTrigger", item.name);
  if (name === undefined) throw new Error(describeUnknown(engine, "activityTrigger", item.name));
  const metadata = { instanceId: { string: item.instanceId } };
  const result = await engine.invoker.invoke(name, { data: { json: item.input }, metadata });
  return toReturnedText(result.returnValue);
}

function toFailed(engine: Engine, item: ActivityItem, error: unknown): HistoryEvent {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return {
    ...stamp(engine.clock.now()),
    EventType: EventType.TaskFailed,
    TaskScheduledId: item.taskId,
    Reason: cutFailure(engine, item.instanceId, `Activity function '${item.name}' failed: ${message}`),
    Details: cutFailure(engine, item.instanceId, stack),
  };
}
