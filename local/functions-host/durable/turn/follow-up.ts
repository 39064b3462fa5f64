import {
  completedId,
  EventType,
  type HistoryEvent,
  indexScheduled,
  isFailure,
  type RetryState,
  type ScheduledById,
  type ScheduledEvent,
  type TimerCreated,
} from "../history/events.ts";
import type { Instance } from "../instance.ts";
import { planPoll, planPolled, pollsAgain } from "./poll.ts";
import { Refusal } from "./refusal.ts";
import { toChildId } from "./wanted.ts";

/*
 * While a task with retries (or an HTTP poll) goes on, the SDK takes sequence numbers by itself: one for each
 * waiting timer and one for each new attempt, at the moment it reads the failure or the timer in the history
 * (durable-functions, task/RetryableTask). The actions do not show them, so each such event gets a turn of its own:
 * then the number it takes is known to be the next one.
 */

/** True when `event` makes the SDK take a sequence number outside the orchestrator's code. */
export function needsOwnTurn(event: HistoryEvent, scheduled: ScheduledById): boolean {
  const origin = originOf(event, scheduled);
  if (origin === undefined) return false;
  if (event.EventType === EventType.TimerFired) return origin.Follows !== undefined;
  if (event.EventType === EventType.TaskCompleted) return pollsAgain(origin, event);
  return isFailure(event) && origin.Retry !== undefined;
}

/** What the SDK scheduled by itself when it read `event`, the only one of its turn; undefined: nothing. */
export function planFollowUp(
  event: HistoryEvent,
  history: readonly HistoryEvent[],
  turn: { readonly nextId: number; readonly instance: Instance; readonly now: number },
): ScheduledEvent | undefined {
  const scheduled = indexScheduled(history);
  const origin = originOf(event, scheduled);
  if (origin === undefined) return undefined;
  if (event.EventType === EventType.TimerFired) {
    if (origin.EventType !== EventType.TimerCreated) return undefined;
    return origin.PollsAs === undefined
      ? planAttempt(origin, scheduled, turn)
      : planPolled(origin, history, turn.now);
  }
  if (event.EventType === EventType.TaskCompleted) return planPoll(origin, event, turn.nextId, turn.now);
  if (!isFailure(event) || origin.Retry === undefined) return undefined;
  return planWait(origin, origin.Retry, turn.nextId, turn.now);
}

function originOf(event: HistoryEvent, scheduled: ScheduledById): ScheduledEvent | undefined {
  const id = completedId(event);
  return id === undefined ? undefined : scheduled.get(id);
}

/** The timer before the next attempt. The SDK waits for one even after the last. */
function planWait(origin: ScheduledEvent, retry: RetryState, id: number, now: number): TimerCreated {
  const { options, attempt, since } = retry;
  const timeout = options.retryTimeoutInMilliseconds;
  if (timeout !== undefined && now >= since + timeout) {
    throw new Refusal(
      `Retry timeout of ${timeout} ms passed: Durable Functions for JavaScript does not notice and would wait ` +
        "forever. Rule: limit retries by maxNumberOfAttempts.",
    );
  }
  const grown = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (attempt - 1);
  const delay = Math.min(grown, options.maxRetryIntervalInMilliseconds ?? Infinity);
  return {
    EventType: EventType.TimerCreated,
    EventId: id,
    Timestamp: new Date(now).toISOString(),
    FireAt: new Date(now + delay).toISOString(),
    Follows: origin.EventId,
    Retry: retry,
  };
}

/** The next attempt, after the timer; none after the last one. */
function planAttempt(
  timer: TimerCreated,
  scheduled: ScheduledById,
  turn: { readonly nextId: number; readonly instance: Instance; readonly now: number },
): ScheduledEvent | undefined {
  const failed = scheduled.get(timer.Follows ?? -1);
  if (failed?.Retry === undefined) return undefined;
  const attempt = failed.Retry.attempt + 1;
  if (attempt > failed.Retry.options.maxNumberOfAttempts) return undefined;
  const again: ScheduledEvent = {
    ...failed,
    EventId: turn.nextId,
    Timestamp: new Date(turn.now).toISOString(),
    Follows: timer.EventId,
    Retry: { ...failed.Retry, attempt },
  };
  if (again.EventType !== EventType.SubOrchestrationInstanceCreated) return again;
  const givenId = again.InstanceId !== toChildId(turn.instance, failed.EventId);
  return givenId ? again : { ...again, InstanceId: toChildId(turn.instance, turn.nextId) };
}
