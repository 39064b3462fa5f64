import {
  completedId,
  EventType,
  type HistoryEvent,
  isFailure,
  isScheduled,
  type ScheduledEvent,
} from "./events.ts";

export interface Rewound {
  readonly history: readonly HistoryEvent[];
  /** What history says was scheduled and has no answer. */
  readonly unanswered: readonly ScheduledEvent[];
}

/**
 * The history of a failed orchestration as if its failures had not been answered yet: all before the first failure
 * stays; of what came after stay external events and the answers to what was scheduled before. So a replay asks for
 * exactly what the history holds.
 */
export function rewindHistory(history: readonly HistoryEvent[]): Rewound {
  const first = history.findIndex(isFailure);
  const before = first < 0 ? [...history] : history.slice(0, first);
  const after = first < 0 ? [] : history.slice(first);
  const scheduled = before.filter(isScheduled);
  const known = new Set(scheduled.map((event) => event.EventId));
  const stays = (event: HistoryEvent): boolean => {
    if (event.EventType === EventType.EventRaised) return true;
    const id = completedId(event);
    return id !== undefined && known.has(id) && !isFailure(event);
  };
  const kept = [...before, ...after.filter(stays)].filter(
    (event) => event.EventType !== EventType.ExecutionCompleted,
  );
  const answered = new Set(kept.map(completedId));
  return { history: kept, unanswered: scheduled.filter((event) => !answered.has(event.EventId)) };
}
