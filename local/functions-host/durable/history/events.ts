/** Numbers of the history events as the JavaScript SDK reads them (durable-functions, history/HistoryEventType). */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  GenericEvent: 17,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;
type Types = typeof EventType;

interface Event<Type extends keyof Types> {
  readonly EventType: Types[Type];
  /** Sequence number of what was scheduled; -1 for every other event. */
  readonly EventId: number;
  /** ISO 8601. */
  readonly Timestamp: string;
}

interface ExecutionStarted extends Event<"ExecutionStarted"> {
  readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly ParentInstance: { readonly OrchestrationInstance: { readonly InstanceId: string } } | null;
  readonly Name: string;
  readonly Version: string;
  /** JSON text, as all `Input` and `Result` fields. */
  readonly Input: string;
  readonly Tags: null;
}

interface ExecutionCompleted extends Event<"ExecutionCompleted"> {
  readonly OrchestrationStatus: string;
  readonly Result: string;
}

interface ExecutionTerminated extends Event<"ExecutionTerminated"> {
  readonly Input: string;
}

/**
 * Fields of ours on a scheduling event, which the SDK ignores. They make the history say by itself which ids the
 * orchestrator's actions took and which ones were taken on its behalf while a retry or an HTTP poll went on.
 */
interface EngineFields {
  /** Id of the task on whose behalf this one was scheduled; absent when an action asked for it. */
  readonly Follows?: number;
  readonly Retry?: RetryState;
}

export interface RetryState {
  /** 1 for the first. */
  readonly attempt: number;
  readonly options: RetryOptions;
  /** When the first attempt was scheduled: milliseconds since 1970. */
  readonly since: number;
}

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

export interface TaskScheduled extends Event<"TaskScheduled">, EngineFields {
  readonly Name: string;
  readonly Version: string;
  /** A JSON array of one: the input. */
  readonly Input: string;
}

export interface TaskCompleted extends Event<"TaskCompleted"> {
  readonly TaskScheduledId: number;
  readonly Result: string;
}

interface TaskFailed extends Event<"TaskFailed"> {
  readonly TaskScheduledId: number;
  readonly Reason: string;
  readonly Details: string;
}

export interface SubOrchestrationCreated extends Event<"SubOrchestrationInstanceCreated">, EngineFields {
  readonly Name: string;
  readonly Version: string;
  readonly InstanceId: string;
  readonly Input: string;
}

interface SubOrchestrationCompleted extends Event<"SubOrchestrationInstanceCompleted"> {
  readonly TaskScheduledId: number;
  readonly Result: string;
}

interface SubOrchestrationFailed extends Event<"SubOrchestrationInstanceFailed"> {
  readonly TaskScheduledId: number;
  readonly Reason: string;
  readonly Details: string;
}

export interface TimerCreated extends Event<"TimerCreated">, EngineFields {
  readonly FireAt: string;
  /** An HTTP poll's timer: the id that the SDK has already given to the request sent when it fires. */
  readonly PollsAs?: number;
}

interface TimerFired extends Event<"TimerFired"> {
  readonly TimerId: number;
  readonly FireAt: string;
}

/** A message to an entity; `Input` is the JSON of an EntityMessage. */
interface EventSent extends Event<"EventSent">, EngineFields {
  readonly InstanceId: string;
  readonly Name: string;
  readonly Input: string;
}

/** An external event, or an entity's answer (then `Name` is the id of the call). */
interface EventRaised extends Event<"EventRaised"> {
  readonly Name: string;
  readonly Input: string;
}

interface ControlEvent extends Event<"ExecutionSuspended" | "ExecutionResumed"> {
  readonly Reason: string;
}

interface GenericEvent extends Event<"GenericEvent"> {
  readonly Data: string;
}

export type ScheduledEvent = TaskScheduled | SubOrchestrationCreated | TimerCreated | EventSent;

export type HistoryEvent =
  | ScheduledEvent
  | ExecutionStarted
  | ExecutionCompleted
  | ExecutionTerminated
  | TaskCompleted
  | TaskFailed
  | SubOrchestrationCompleted
  | SubOrchestrationFailed
  | TimerFired
  | EventRaised
  | ControlEvent
  | GenericEvent
  | Event<"OrchestratorStarted" | "OrchestratorCompleted">;

/** The fields every event that schedules nothing begins with. */
export function stamp(now: number): { readonly EventId: -1; readonly Timestamp: string } {
  return { EventId: -1, Timestamp: new Date(now).toISOString() };
}

export function isScheduled(event: HistoryEvent): event is ScheduledEvent {
  return event.EventId >= 0;
}

/** What history says was scheduled, by sequence number. */
export type ScheduledById = ReadonlyMap<number, ScheduledEvent>;

export function indexScheduled(history: readonly HistoryEvent[]): ScheduledById {
  return new Map(history.filter(isScheduled).map((event) => [event.EventId, event]));
}

/** A task that failed. */
export function isFailure(event: HistoryEvent): boolean {
  return (
    event.EventType === EventType.TaskFailed || event.EventType === EventType.SubOrchestrationInstanceFailed
  );
}

/** The id of the task that `event` completes, or undefined. */
export function completedId(event: HistoryEvent): number | undefined {
  if ("TaskScheduledId" in event) return event.TaskScheduledId;
  return event.EventType === EventType.TimerFired ? event.TimerId : undefined;
}

const typeNames = new Map<number, string>(Object.entries(EventType).map(([name, type]) => [type, name]));

/** The name of an event's type, as the management API writes it. */
export function eventTypeName(event: HistoryEvent): string {
  return typeNames.get(event.EventType) ?? String(event.EventType);
}

/** JSON text of a value; `undefined` becomes `null`, as everywhere in the Durable Task protocol. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value ?? null);
}
