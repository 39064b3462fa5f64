import { createCheckpointStore } from "./event-hubs/checkpoints.ts";
import { startEventHubTrigger } from "./event-hubs/trigger.ts";
import type { EventHubsOptions } from "./host-json.ts";
import type { RegisteredFunction } from "./invoker.ts";
import { startTimer } from "./timer/trigger.ts";
import type { RunningTrigger, TriggerContext } from "./trigger.ts";

/** The triggers the host runs itself. HTTP waits for requests; orchestrations and activities are Durable's. */
export interface RunningTriggers {
  find(functionName: string): RunningTrigger | undefined;
  /** Each stops what it takes up; runs that are under way are not waited for. */
  stop(): Promise<void>;
}

/** @throws {Error} when a trigger cannot start; those that had started are stopped again. */
export async function startTriggers(
  functions: readonly RegisteredFunction[],
  context: TriggerContext,
  options: EventHubsOptions,
): Promise<RunningTriggers> {
  const started: RunningTrigger[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((trigger) => trigger.stop()));
  };
  try {
    for (const target of ofType(functions, "timerTrigger")) started.push(startTimer(target, context));
    const onEvents = ofType(functions, "eventHubTrigger");
    if (onEvents.length > 0) {
      const store = await createCheckpointStore(context.settings);
      for (const each of onEvents) started.push(startEventHubTrigger(each, context, options, store));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { find: (name) => started.find(({ functionName }) => functionName === name), stop };
}

function ofType(functions: readonly RegisteredFunction[], type: string): RegisteredFunction[] {
  return functions.filter(({ triggerType }) => triggerType === type);
}
