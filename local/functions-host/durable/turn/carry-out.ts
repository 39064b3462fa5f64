import type { EntityMessage } from "../entities/messages.ts";
import { EventType, type HistoryEvent, type ScheduledEvent, stamp } from "../history/events.ts";
import { hasEnded, type Instance } from "../instance.ts";
import type { Changes } from "../store/changes.ts";

/** Puts what a history event schedules into the queues. */
export function carryOut(changes: Changes, instance: Instance, event: ScheduledEvent, now: number): void {
  const { id: instanceId, executionId } = instance;
  switch (event.EventType) {
    case EventType.TaskScheduled: {
      const input = event.Input.slice(1, -1); // without the brackets of the array of one
      changes.scheduleActivity({ instanceId, executionId, taskId: event.EventId, name: event.Name, input });
      break;
    }
    case EventType.TimerCreated: {
      const fireAt = Date.parse(event.FireAt);
      changes.setTimer({ instanceId, executionId, taskId: event.EventId, fireAt });
      break;
    }
    case EventType.EventSent:
      changes.sendToEntity(event.InstanceId, JSON.parse(event.Input) as EntityMessage);
      break;
    case EventType.SubOrchestrationInstanceCreated: {
      const parent = { instanceId, executionId, taskId: event.EventId };
      const existing = changes.instances.read(event.InstanceId);
      if (existing !== undefined && !hasEnded(existing.status)) {
        const Reason = `An Orchestration instance with the status ${existing.status} already exists.`;
        changes.send(instanceId, executionId, toChildFailed(event.EventId, Reason, now));
        break;
      }
      const { Name: name, Version: version, Input: input, InstanceId: id } = event;
      beginInstance(changes, { id, name, version, input, parent }, now);
      break;
    }
  }
}

/** Starts an instance; one of the same id that has ended gives way to it. */
export function beginInstance(
  changes: Changes,
  start: Pick<Instance, "id" | "name" | "version" | "input" | "parent">,
  now: number,
): void {
  const instance: Instance = {
    ...start,
    executionId: newExecutionId(),
    status: "Pending",
    output: "null",
    customStatus: "null",
    createdAt: now,
    updatedAt: now,
  };
  changes.begin(instance, [toExecutionStarted(instance, now)]);
}

export function newExecutionId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

export function toExecutionStarted(instance: Instance, now: number): HistoryEvent {
  const parent = instance.parent;
  return {
    ...stamp(now),
    EventType: EventType.ExecutionStarted,
    OrchestrationInstance: { InstanceId: instance.id, ExecutionId: instance.executionId },
    ParentInstance:
      parent === undefined ? null : { OrchestrationInstance: { InstanceId: parent.instanceId } },
    Name: instance.name,
    Version: instance.version,
    Input: instance.input,
    Tags: null,
  };
}

/** What a parent learns of a sub-orchestration that failed. */
export function toChildFailed(taskId: number, reason: string, now: number): HistoryEvent {
  return {
    ...stamp(now),
    EventType: EventType.SubOrchestrationInstanceFailed,
    TaskScheduledId: taskId,
    Reason: reason,
    Details: reason,
  };
}
