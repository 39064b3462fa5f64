import { EventType, type HistoryEvent, isScheduled, type ScheduledEvent } from "../history/events.ts";
import type { Instance } from "../instance.ts";
import { ActionType, flattenActions, type SimpleAction, toInputText } from "./actions.ts";
import type { Reply } from "./ask.ts";
import { checkReplayed } from "./determinism.ts";
import { checkYieldedOnce } from "./double-yield.ts";
import { planFollowUp } from "./follow-up.ts";
import { Refusal } from "./refusal.ts";
import { toScheduled, toWanted, type Wanted } from "./wanted.ts";

export interface Turn {
  readonly instance: Instance;
  /** The whole history, this turn's events included. */
  readonly history: readonly HistoryEvent[];
  /** The events this turn delivered. */
  readonly delivered: readonly HistoryEvent[];
  readonly reply: Reply;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a turn decided. */
export interface TurnPlan {
  readonly scheduled: readonly ScheduledEvent[];
  /** Ids of timers that shall not fire. */
  readonly cancelledTimers: readonly number[];
  readonly end: TurnEnd;
}

type TurnEnd =
  | { readonly kind: "waiting" }
  | { readonly kind: "completed"; readonly output: unknown }
  | { readonly kind: "failed"; readonly reason: string }
  | {
      readonly kind: "continued";
      readonly input: string;
      readonly carried: readonly HistoryEvent[];
    };

/** Decides what follows from an orchestrator's reply; pure but for the ids of new entity calls. */
export function planTurn(turn: Turn): TurnPlan {
  const { reply, instance } = turn;
  try {
    if (reply.kind === "broke") throw new Refusal(reply.message);
    if (reply.kind === "returned") checkYieldedOnce(reply.returned);
    const actions = flattenActions(reply.state.actions);
    return { ...planScheduling(turn, actions), end: planEnd(turn, reply, actions) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { scheduled: [], cancelledTimers: [], end: failed(instance, error.message) };
  }
}

function planScheduling(turn: Turn, actions: readonly SimpleAction[]): Omit<TurnPlan, "end"> {
  const { instance, history, now } = turn;
  let nextId = nextSequenceNumber(history);
  const scheduled: ScheduledEvent[] = [];
  const only = turn.delivered.length === 1 ? turn.delivered[0] : undefined;
  const followUp = only && planFollowUp(only, history, { nextId, instance, now });
  if (followUp !== undefined) {
    scheduled.push(followUp);
    nextId = nextSequenceNumber([...history, followUp]);
  }
  const wanted = toWanted(actions, instance);
  const recorded = history.filter(isScheduled).filter((event) => event.Follows === undefined);
  recorded.forEach((event, index) => {
    checkReplayed(event, wanted[index]);
  });
  const fresh = wanted.slice(recorded.length);
  const added = fresh.map((each, index) => toScheduled(each, nextId + index, instance, now));
  return {
    scheduled: [...scheduled, ...added],
    cancelledTimers: cancelledTimers(wanted, [...recorded, ...added]),
  };
}

/** The number the SDK gives to the next task: numbers are given in order, none is left out. */
function nextSequenceNumber(history: readonly HistoryEvent[]): number {
  let next = 0;
  for (const event of history) {
    const highest =
      event.EventType === EventType.TimerCreated ? (event.PollsAs ?? event.EventId) : event.EventId;
    next = Math.max(next, highest + 1);
  }
  return next;
}

function cancelledTimers(wanted: readonly Wanted[], events: readonly ScheduledEvent[]): number[] {
  const ids: number[] = [];
  wanted.forEach((each, index) => {
    const event = events[index];
    if (each.kind === "timer" && each.cancelled && event !== undefined) ids.push(event.EventId);
  });
  return ids;
}

function planEnd(
  turn: Turn,
  { kind, state }: Exclude<Reply, { kind: "broke" }>,
  actions: readonly SimpleAction[],
): TurnEnd {
  if (kind === "threw") return failed(turn.instance, state.error ?? "");
  if (!state.isDone) return { kind: "waiting" };
  const again = actions.find((action) => action.actionType === ActionType.ContinueAsNew);
  if (again === undefined) return { kind: "completed", output: state.output };
  return { kind: "continued", input: toInputText(again.input), carried: unreadEvents(turn.history, actions) };
}

function failed(instance: Instance, reason: string): TurnEnd {
  return { kind: "failed", reason: `Orchestrator function '${instance.name}' failed: ${reason}` };
}

/** External events that no wait of this execution has taken: each wait takes the oldest one of its name. */
function unreadEvents(history: readonly HistoryEvent[], actions: readonly SimpleAction[]): HistoryEvent[] {
  const waits = new Map<string, number>();
  for (const action of actions) {
    if (action.actionType !== ActionType.WaitForExternalEvent) continue;
    waits.set(action.externalEventName, (waits.get(action.externalEventName) ?? 0) + 1);
  }
  const answers = new Set(history.filter(isScheduled).map(callIdOf));
  return history.filter((event) => {
    if (event.EventType !== EventType.EventRaised || answers.has(event.Name)) return false;
    const open = waits.get(event.Name) ?? 0;
    waits.set(event.Name, open - 1);
    return open <= 0;
  });
}

function callIdOf(event: ScheduledEvent): string | undefined {
  if (event.EventType !== EventType.EventSent) return undefined;
  return (JSON.parse(event.Input) as { readonly id: string }).id;
}
