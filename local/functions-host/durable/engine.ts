import type { EventEmitter } from "node:events";
import type { Clock } from "../../part.ts";
import type { FunctionInvoker } from "../invoker.ts";
import type { DurableEvent, DurableLimits } from "./options.ts";
import type { Store } from "./store/store.ts";

/** What every part of the backend is handed. */
export interface Engine {
  readonly store: Store;
  readonly invoker: FunctionInvoker;
  readonly clock: Clock;
  readonly limits: Required<DurableLimits>;
  readonly log: (event: DurableEvent) => void;
  /** Emits `endedEvent(id)` when an instance has ended. */
  readonly ended: EventEmitter;
}

/** An event's name of its own for each instance; not the bare id, for an emitter throws when it emits "error". */
export function endedEvent(instanceId: string): string {
  return `ended ${instanceId}`;
}

type TriggerType = "orchestrationTrigger" | "activityTrigger" | "entityTrigger";

/** The registered spelling of a function's name (names match whatever their case), or undefined. */
export function findFunction(engine: Engine, triggerType: TriggerType, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return functionNames(engine, triggerType).find((known) => known.toLowerCase() === wanted);
}

/** The sentence upstream answers with when a name is not registered. */
export function describeUnknown(engine: Engine, triggerType: TriggerType, name: string): string {
  const kind = triggerType.replace("Trigger", "").replace("orchestration", "orchestrator");
  const known = functionNames(engine, triggerType).map((each) => `'${each}'`);
  return (
    `The function '${name}' doesn't exist, is disabled, or is not an ${kind} function. ` +
    `Additional info: The following are the known ${kind} functions: ${known.join(", ")}.`
  );
}

function functionNames(engine: Engine, triggerType: TriggerType): string[] {
  const functions = engine.invoker.functions();
  return functions.filter((each) => each.triggerType === triggerType).map((each) => each.name);
}
