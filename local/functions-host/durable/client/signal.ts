import type { Engine } from "../engine.ts";
import { EventType, type HistoryEvent, stamp, toJsonText } from "../history/events.ts";
import { hasEnded } from "../instance.ts";
import type { Outcome } from "./outcome.ts";

/** @param input JSON text. */
export function raiseEvent(engine: Engine, instanceId: string, name: string, input: string): Outcome {
  const now = engine.clock.now();
  return send(engine, instanceId, {
    ...stamp(now),
    EventType: EventType.EventRaised,
    Name: name,
    Input: input,
  });
}

export function terminate(engine: Engine, instanceId: string, reason: string): Outcome {
  const now = engine.clock.now();
  const Input = toJsonText(reason);
  return send(engine, instanceId, { ...stamp(now), EventType: EventType.ExecutionTerminated, Input });
}

export function suspend(engine: Engine, instanceId: string, reason: string): Outcome {
  const now = engine.clock.now();
  return send(engine, instanceId, { ...stamp(now), EventType: EventType.ExecutionSuspended, Reason: reason });
}

export function resume(engine: Engine, instanceId: string, reason: string): Outcome {
  const now = engine.clock.now();
  return send(engine, instanceId, { ...stamp(now), EventType: EventType.ExecutionResumed, Reason: reason });
}

function send(engine: Engine, instanceId: string, event: HistoryEvent): Outcome {
  const instance = engine.store.instances.read(instanceId);
  if (instance === undefined) return "unknown";
  if (hasEnded(instance.status)) return "ended";
  engine.store.commit((changes) => {
    changes.send(instanceId, undefined, event);
  });
  return "accepted";
}
