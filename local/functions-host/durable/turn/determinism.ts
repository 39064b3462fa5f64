import { EventType, type ScheduledEvent } from "../history/events.ts";
import { nonDeterministic } from "./refusal.ts";
import type { Wanted } from "./wanted.ts";

/**
 * A replay must ask for what history says was scheduled, in the same order.
 * @throws Refusal as upstream's NonDeterministicOrchestrationException.
 */
export function checkReplayed(recorded: ScheduledEvent, wanted: Wanted | undefined): void {
  if (wanted !== undefined && matches(recorded, wanted)) return;
  const now =
    wanted === undefined
      ? "hasn't (yet?) scheduled this task"
      : `instead asks for ${describeWanted(wanted)} with that sequence ID`;
  throw nonDeterministic(
    `A previous execution of this orchestration scheduled ${describeScheduled(recorded)} with sequence ID ` +
      `${recorded.EventId}, but the current replay execution ${now}. ` +
      "Was a change made to the orchestrator code after this instance had already started running?",
  );
}

function matches(recorded: ScheduledEvent, wanted: Wanted): boolean {
  switch (recorded.EventType) {
    case EventType.TaskScheduled:
      return wanted.kind === "activity" && wanted.name === recorded.Name;
    case EventType.SubOrchestrationInstanceCreated:
      return wanted.kind === "subOrchestration" && wanted.action.functionName === recorded.Name;
    case EventType.TimerCreated:
      return wanted.kind === "timer";
    case EventType.EventSent:
      return wanted.kind === "entity" && wanted.target === recorded.InstanceId;
  }
}

function describeScheduled(event: ScheduledEvent): string {
  switch (event.EventType) {
    case EventType.TaskScheduled:
      return `an activity task named '${event.Name}'`;
    case EventType.SubOrchestrationInstanceCreated:
      return `a sub-orchestration task named '${event.Name}'`;
    case EventType.TimerCreated:
      return "a timer task";
    case EventType.EventSent:
      return `a message to '${event.InstanceId}'`;
  }
}

function describeWanted(wanted: Wanted): string {
  switch (wanted.kind) {
    case "activity":
      return `an activity task named '${wanted.name}'`;
    case "subOrchestration":
      return `a sub-orchestration task named '${wanted.action.functionName}'`;
    case "timer":
      return "a timer task";
    case "entity":
      return `a message to '${wanted.target}'`;
  }
}
