import { randomUUID } from "node:crypto";
import { type EntityMessage, toEntityId } from "../entities/messages.ts";
import {
  EventType,
  type RetryOptions,
  type RetryState,
  type ScheduledEvent,
  toJsonText,
} from "../history/events.ts";
import type { Instance } from "../instance.ts";
import {
  ActionType,
  type EntityAction,
  isTask,
  type SimpleAction,
  type SubOrchestratorAction,
  type TaskAction,
  toInputText,
} from "./actions.ts";

/** The name under which history keeps `callHttp`, as upstream. */
export const httpActivity = "BuiltIn::HttpActivity";

/** One thing that an action asks for; each takes one sequence number. */
export type Wanted =
  | {
      readonly kind: "activity";
      readonly name: string;
      readonly input: string;
      readonly retry: RetryOptions | undefined;
    }
  | { readonly kind: "subOrchestration"; readonly action: SubOrchestratorAction }
  | { readonly kind: "timer"; readonly fireAt: string; readonly cancelled: boolean }
  | { readonly kind: "entity"; readonly target: string; readonly message: EntityMessage };

/** What the actions ask for, in the order of their sequence numbers. */
export function toWanted(actions: readonly SimpleAction[], instance: Instance): Wanted[] {
  let locked: readonly string[] = [];
  return actions.flatMap((action): Wanted[] => {
    if (isTask(action)) return [toTask(action)];
    switch (action.actionType) {
      case ActionType.CallEntity:
      case ActionType.SignalEntity:
        return [toOperation(action, instance)];
      case ActionType.LockEntities:
        locked = action.lockSet.map((entity) => toEntityId(entity.name, entity.key));
        return [toLock(action.lockRequestId, locked, instance)];
      case ActionType.ReleaseEntities:
        return locked.map((target) => toRelease(target, instance));
      case ActionType.WaitForExternalEvent:
      case ActionType.ContinueAsNew:
        return [];
    }
  });
}

function toTask(action: TaskAction): Wanted {
  switch (action.actionType) {
    case ActionType.CallActivity:
    case ActionType.CallActivityWithRetry: {
      const { functionName: name, input, retryOptions: retry } = action;
      return { kind: "activity", name, input: toInputText(input), retry };
    }
    case ActionType.CallHttp: {
      const input = toJsonText(action.httpRequest);
      return { kind: "activity", name: httpActivity, input, retry: undefined };
    }
    case ActionType.CallSubOrchestrator:
    case ActionType.CallSubOrchestratorWithRetry:
      return { kind: "subOrchestration", action };
    case ActionType.CreateTimer:
      return { kind: "timer", fireAt: action.fireAt, cancelled: action.isCanceled };
  }
}

/** The history event that schedules what is wanted. */
export function toScheduled(wanted: Wanted, id: number, instance: Instance, now: number): ScheduledEvent {
  const base = { EventId: id, Timestamp: new Date(now).toISOString() };
  switch (wanted.kind) {
    case "activity": {
      const task = { EventType: EventType.TaskScheduled, Name: wanted.name, Version: "" } as const;
      return { ...base, ...task, Input: `[${wanted.input}]`, ...toFirstAttempt(wanted.retry, now) };
    }
    case "subOrchestration": {
      const { functionName, instanceId, input, version, retryOptions } = wanted.action;
      return {
        ...base,
        EventType: EventType.SubOrchestrationInstanceCreated,
        Name: functionName,
        Version: version ?? "",
        InstanceId: instanceId ?? toChildId(instance, id),
        Input: toJsonText(input),
        ...toFirstAttempt(retryOptions, now),
      };
    }
    case "timer":
      return { ...base, EventType: EventType.TimerCreated, FireAt: wanted.fireAt };
    case "entity": {
      const { target, message } = wanted;
      const Input = JSON.stringify(message);
      return { ...base, EventType: EventType.EventSent, InstanceId: target, Name: message.kind, Input };
    }
  }
}

/** The id of a sub-orchestration that was not given one, as upstream. */
export function toChildId(instance: Instance, taskId: number): string {
  return `${instance.executionId}:${taskId}`;
}

function toFirstAttempt(options: RetryOptions | undefined, now: number): { readonly Retry?: RetryState } {
  return options === undefined ? {} : { Retry: { attempt: 1, options, since: now } };
}

function toOperation(action: EntityAction, instance: Instance): Wanted {
  const caller =
    action.actionType === ActionType.CallEntity
      ? { instanceId: instance.id, executionId: instance.executionId }
      : null;
  const input = action.input === undefined ? null : toJsonText(action.input);
  const message = { kind: "operation", id: randomUUID(), name: action.operation, input, caller } as const;
  return { kind: "entity", target: action.instanceId, message };
}

function toLock(id: string, lockSet: readonly string[], instance: Instance): Wanted {
  const caller = { instanceId: instance.id, executionId: instance.executionId };
  return {
    kind: "entity",
    target: lockSet[0] ?? "",
    message: { kind: "lock", id, caller, lockSet, position: 0 },
  };
}

function toRelease(target: string, instance: Instance): Wanted {
  return {
    kind: "entity",
    target,
    message: { kind: "release", id: randomUUID(), instanceId: instance.id },
  };
}
