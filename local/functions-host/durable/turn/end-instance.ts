import { releaseLocksOf } from "../entities/locks.ts";
import { EventType, type HistoryEvent, stamp, toJsonText } from "../history/events.ts";
import type { Instance, ParentTask } from "../instance.ts";
import type { Changes } from "../store/changes.ts";
import { newExecutionId, toChildFailed, toExecutionStarted } from "./carry-out.ts";

export interface InstanceEnd {
  readonly status: "Completed" | "Failed" | "Terminated";
  /** The result; of one that failed or was terminated: the reason, a string. */
  readonly output: unknown;
}

/** Ends an instance: nothing reaches it any more, and its parent learns of it. */
export function endInstance(changes: Changes, instance: Instance, end: InstanceEnd, now: number): void {
  const output = toJsonText(end.output);
  const ended = { ...instance, status: end.status, output, updatedAt: now };
  changes.history.append(instance.id, [
    {
      ...stamp(now),
      EventType: EventType.ExecutionCompleted,
      OrchestrationStatus: end.status,
      Result: output,
    },
  ]);
  changes.instances.update(ended);
  leaveExecution(changes, instance);
  changes.inbox.clear(instance.id);
  if (instance.parent !== undefined) tellParent(changes, instance.parent, end, now);
  changes.afterwards((to) => {
    to.instanceEnded(ended);
  });
}

/** Begins a new execution with an empty history; what still comes for the old one is dropped. */
export function continueAsNew(
  changes: Changes,
  instance: Instance,
  again: { readonly input: string; readonly carried: readonly HistoryEvent[] },
  now: number,
): void {
  const { input, carried } = again;
  const next = { ...instance, executionId: newExecutionId(), input, updatedAt: now };
  changes.instances.update(next);
  changes.history.replace(instance.id, []);
  leaveExecution(changes, instance);
  changes.inbox.prepend(instance.id, [toExecutionStarted(next, now), ...carried]);
}

function leaveExecution(changes: Changes, instance: Instance): void {
  changes.clearTimers(instance.id);
  releaseLocksOf(changes, instance.id);
}

function tellParent(changes: Changes, parent: ParentTask, end: InstanceEnd, now: number): void {
  const event: HistoryEvent =
    end.status === "Completed"
      ? {
          ...stamp(now),
          EventType: EventType.SubOrchestrationInstanceCompleted,
          TaskScheduledId: parent.taskId,
          Result: toJsonText(end.output),
        }
      : toChildFailed(parent.taskId, toText(end.output), now);
  changes.send(parent.instanceId, parent.executionId, event);
}

function toText(output: unknown): string {
  return typeof output === "string" ? output : toJsonText(output);
}
