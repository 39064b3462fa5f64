import {
  EventType,
  type HistoryEvent,
  isScheduled,
  type ScheduledEvent,
  type TaskCompleted,
  type TaskScheduled,
  type TimerCreated,
} from "../history/events.ts";
import { httpActivity } from "./wanted.ts";

/** Upstream's default of `defaultAsyncRequestSleepTimeMilliseconds`. */
export const pollMilliseconds = 30_000;

interface HttpResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** True when an HTTP call was answered 202 with a Location: the SDK waits and asks again. */
export function pollsAgain(origin: ScheduledEvent, event: TaskCompleted): boolean {
  if (origin.EventType !== EventType.TaskScheduled || origin.Name !== httpActivity) return false;
  const [request] = JSON.parse(origin.Input) as [{ readonly asynchronousPatternEnabled?: boolean }];
  const result = JSON.parse(event.Result) as HttpResult;
  return (
    request.asynchronousPatternEnabled === true &&
    result.statusCode === 202 &&
    header(result, "location") !== undefined
  );
}

/** The timer before the next request. The SDK numbers both at once: the request has the number after the timer's. */
export function planPoll(
  origin: ScheduledEvent,
  event: TaskCompleted,
  id: number,
  now: number,
): TimerCreated | undefined {
  if (!pollsAgain(origin, event)) return undefined;
  const retryAfter = header(JSON.parse(event.Result) as HttpResult, "retry-after");
  const wait = retryAfter === undefined ? pollMilliseconds : Number(retryAfter) * 1000;
  return {
    EventType: EventType.TimerCreated,
    EventId: id,
    Timestamp: new Date(now).toISOString(),
    FireAt: new Date(now + wait).toISOString(),
    Follows: origin.EventId,
    PollsAs: id + 1,
  };
}

/** The next request of a poll: a GET of the place the last answer named. */
export function planPolled(
  timer: TimerCreated,
  history: readonly HistoryEvent[],
  now: number,
): TaskScheduled | undefined {
  const origin = history.filter(isScheduled).find((event) => event.EventId === timer.Follows);
  const answer = history.find(
    (event): event is TaskCompleted =>
      event.EventType === EventType.TaskCompleted && event.TaskScheduledId === timer.Follows,
  );
  if (origin?.EventType !== EventType.TaskScheduled || answer === undefined) return undefined;
  const [request] = JSON.parse(origin.Input) as [{ readonly uri: string }];
  const location = header(JSON.parse(answer.Result) as HttpResult, "location") ?? request.uri;
  const next = { ...request, method: "GET", content: undefined, uri: new URL(location, request.uri).href };
  return {
    ...origin,
    EventId: timer.PollsAs ?? timer.EventId + 1,
    Timestamp: new Date(now).toISOString(),
    Input: JSON.stringify([next]),
    Follows: timer.EventId,
  };
}

function header(result: HttpResult, name: string): string | undefined {
  return Object.entries(result.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}
