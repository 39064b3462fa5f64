import { EventType, type HistoryEvent, indexScheduled } from "../history/events.ts";
import type { Instance } from "../instance.ts";
import type { InboxMessage } from "../store/inbox.ts";
import { needsOwnTurn } from "./follow-up.ts";

/** What an instance does next with what lies in its inbox. */
export type Step =
  | { readonly kind: "nothing" }
  | { readonly kind: "terminate"; readonly message: InboxMessage }
  /** Suspend or resume. */
  | { readonly kind: "control"; readonly message: InboxMessage }
  | { readonly kind: "run"; readonly messages: readonly InboxMessage[] };

/** Everything that waits is delivered in one turn, save what needs a turn of its own (see follow-up). */
export function nextStep(
  instance: Instance,
  history: readonly HistoryEvent[],
  inbox: readonly InboxMessage[],
): Step {
  const terminate = inbox.find(({ event }) => event.EventType === EventType.ExecutionTerminated);
  if (terminate !== undefined) return { kind: "terminate", message: terminate };
  if (instance.status === "Suspended") {
    const resume = inbox.find(({ event }) => event.EventType === EventType.ExecutionResumed);
    return resume === undefined ? { kind: "nothing" } : { kind: "control", message: resume };
  }
  const [first] = inbox;
  if (first === undefined) return { kind: "nothing" };
  if (isControl(first.event)) return { kind: "control", message: first };
  const scheduled = indexScheduled(history);
  const end = inbox.findIndex(({ event }) => isControl(event) || needsOwnTurn(event, scheduled));
  if (end === 0) return { kind: "run", messages: [first] };
  return { kind: "run", messages: end < 0 ? inbox : inbox.slice(0, end) };
}

function isControl(event: HistoryEvent): boolean {
  return event.EventType === EventType.ExecutionSuspended || event.EventType === EventType.ExecutionResumed;
}
