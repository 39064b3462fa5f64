import type { Engine } from "../engine.ts";
import { EventType, type ScheduledEvent, stamp, type SubOrchestrationCreated } from "../history/events.ts";
import { rewindHistory } from "../history/rewind.ts";
import { hasEnded, type Instance } from "../instance.ts";
import type { Changes } from "../store/changes.ts";
import { carryOut } from "../turn/carry-out.ts";
import type { Outcome } from "./outcome.ts";

/** Takes a failed orchestration back to its first failure and runs what failed again, in its children too. */
export function rewindInstance(engine: Engine, instanceId: string, reason: string): Outcome {
  const instance = engine.store.instances.read(instanceId);
  if (instance === undefined) return "unknown";
  if (instance.status !== "Failed") return "not-failed";
  engine.store.commit((changes) => {
    rewind(changes, instance, { reason, now: engine.clock.now() });
  });
  return "accepted";
}

interface Rewind {
  readonly reason: string;
  readonly now: number;
}

function rewind(changes: Changes, instance: Instance, order: Rewind): void {
  const { history, unanswered } = rewindHistory(changes.history.read(instance.id));
  changes.history.replace(instance.id, history);
  changes.instances.update({ ...instance, status: "Running", output: "null", updatedAt: order.now });
  for (const event of unanswered) carryOutAgain(changes, instance, event, order);
  const Data = `Rewound: ${order.reason}`;
  changes.send(instance.id, undefined, { ...stamp(order.now), EventType: EventType.GenericEvent, Data });
}

function carryOutAgain(changes: Changes, instance: Instance, event: ScheduledEvent, order: Rewind): void {
  if (event.EventType === EventType.EventSent) return; // it was sent, and an entity answers once
  if (event.EventType === EventType.SubOrchestrationInstanceCreated) {
    resumeChild(changes, instance, event, order);
    return;
  }
  if (event.EventType === EventType.TaskScheduled && isQueued(changes, instance, event.EventId)) return;
  carryOut(changes, instance, event, order.now);
}

/** An activity that was queued when its orchestration failed, and has not run since. */
function isQueued(changes: Changes, instance: Instance, taskId: number): boolean {
  return changes.activities.all().some((item) => item.instanceId === instance.id && item.taskId === taskId);
}

function resumeChild(
  changes: Changes,
  instance: Instance,
  event: SubOrchestrationCreated,
  order: Rewind,
): void {
  const child = changes.instances.read(event.InstanceId);
  if (child?.status === "Failed") {
    rewind(changes, child, order);
  } else if (child?.status === "Completed") {
    changes.send(instance.id, instance.executionId, {
      ...stamp(order.now),
      EventType: EventType.SubOrchestrationInstanceCompleted,
      TaskScheduledId: event.EventId,
      Result: child.output,
    });
  } else if (child === undefined || hasEnded(child.status)) {
    carryOut(changes, instance, event, order.now);
  }
}
