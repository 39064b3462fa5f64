import {
  completedId,
  eventTypeName,
  EventType,
  type HistoryEvent,
  indexScheduled,
  isScheduled,
} from "../history/events.ts";
import type { Instance } from "../instance.ts";

export interface StatusOptions {
  readonly showInput: boolean;
  readonly showHistoryOutput: boolean;
  /** Undefined: the history was not asked for. */
  readonly history: readonly HistoryEvent[] | undefined;
}

/**
 * An instance as the management API describes it. `historyEvents` is upstream's digest; `history`, which the
 * JavaScript SDK's `getStatus` reads, is every event that a replay reads, so its length is the one that costs.
 */
export function toStatus(instance: Instance, options: StatusOptions): Readonly<Record<string, unknown>> {
  const { history } = options;
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: options.showInput ? parse(instance.input) : null,
    customStatus: parse(instance.customStatus),
    output: parse(instance.output),
    createdTime: toSeconds(instance.createdAt),
    lastUpdatedTime: toSeconds(instance.updatedAt),
    historyEvents: history === undefined ? null : toDigest(history, options.showHistoryOutput),
    ...(history === undefined
      ? {}
      : { history: history.map((event) => toNamed(event, options.showHistoryOutput)) }),
  };
}

/** Upstream's digest: turns left out, and each task one entry with the time it was scheduled. */
function toDigest(history: readonly HistoryEvent[], showOutput: boolean): unknown[] {
  const scheduled = indexScheduled(history);
  const isDigested = (event: HistoryEvent): boolean =>
    event.EventType !== EventType.OrchestratorStarted &&
    event.EventType !== EventType.OrchestratorCompleted &&
    (!isScheduled(event) || event.EventType === EventType.EventSent);
  return history.filter(isDigested).map((event) => {
    const { EventId: _, TaskScheduledId: __, TimerId: ___, ...shown } = toNamed(event, showOutput);
    const origin = scheduled.get(completedId(event) ?? -1);
    if (origin === undefined) return shown;
    const name = "Name" in origin ? { FunctionName: origin.Name } : {};
    return { ...shown, ScheduledTime: origin.Timestamp, ...name };
  });
}

function toNamed(event: HistoryEvent, showOutput: boolean): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...event, EventType: eventTypeName(event) };
  if (event.EventType === EventType.ExecutionStarted) shown["FunctionName"] = event.Name;
  if (!("Result" in event)) return shown;
  if (showOutput) return { ...shown, Result: parse(event.Result) };
  delete shown["Result"];
  return shown;
}

function parse(text: string): unknown {
  return JSON.parse(text) as unknown;
}

/** Upstream gives these times in whole seconds. */
function toSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
