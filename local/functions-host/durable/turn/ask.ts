import { type Engine, describeUnknown, findFunction } from "../engine.ts";
import { EventType, type HistoryEvent } from "../history/events.ts";
import type { Instance } from "../instance.ts";
import type { InvocationResult } from "../../invoker.ts";
import { ActionType, flattenActions, type OrchestratorState } from "./actions.ts";
import { pollMilliseconds } from "./poll.ts";

/** What an orchestrator said in one turn. */
export type Reply =
  | {
      readonly kind: "returned";
      readonly state: OrchestratorState;
      /** What the function returned, before it went onto the wire. */
      readonly returned: unknown;
    }
  /** The orchestration's own code threw. */
  | { readonly kind: "threw"; readonly state: OrchestratorState }
  /** It could not be run at all: nothing is known of its actions. */
  | { readonly kind: "broke"; readonly message: string };

/** Where the state begins in the message of an orchestrator's error (durable-functions, OrchestrationFailureError). */
const stateMark = "\n\n$OutOfProcData$:";

/** Runs an orchestrator from the top over its history. `played` events are those of earlier turns. */
export async function askOrchestrator(
  engine: Engine,
  instance: Instance,
  played: readonly HistoryEvent[],
  fresh: readonly HistoryEvent[],
): Promise<Reply> {
  const name = findFunction(engine, "orchestrationTrigger", instance.name);
  if (name === undefined) {
    return { kind: "broke", message: describeUnknown(engine, "orchestrationTrigger", instance.name) };
  }
  const ask = async (waited: ReadonlyMap<string, string>): Promise<Reply> => {
    const json = JSON.stringify(toTriggerInput(instance, played, fresh, waited));
    try {
      return toReply(await engine.invoker.invoke(name, { data: { json } }));
    } catch (error) {
      return toThrown(error);
    }
  };
  const raised = [...played, ...fresh].filter((event) => event.EventType === EventType.EventRaised);
  // The names of external events match whatever their case, and the SDK compares them exactly: they are spelled as
  // the orchestrator spells them, which is known once it has said so.
  let spelled: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const reply = await ask(spelled);
    if (reply.kind === "broke") return reply;
    const known = new Map([...waitedNames(reply.state), ...spelled]);
    if (raised.every(({ Name }) => respell(Name, known) === respell(Name, spelled))) return reply;
    spelled = known;
  }
}

function toTriggerInput(
  instance: Instance,
  played: readonly HistoryEvent[],
  fresh: readonly HistoryEvent[],
  waited: ReadonlyMap<string, string>,
): unknown {
  const toWire = (event: HistoryEvent, IsPlayed: boolean): unknown =>
    event.EventType === EventType.EventRaised
      ? { ...event, Name: respell(event.Name, waited), IsPlayed }
      : { ...event, IsPlayed };
  return {
    history: [...played.map((event) => toWire(event, true)), ...fresh.map((event) => toWire(event, false))],
    input: JSON.parse(instance.input) as unknown,
    instanceId: instance.id,
    isReplaying: false,
    parentInstanceId: instance.parent?.instanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    // Azure Storage queues cannot hide a message for long, so upstream cuts timers into pieces; nothing to cut here.
    longRunningTimerIntervalDuration: "3.00:00:00",
    maximumShortTimerDuration: "36500.00:00:00",
    defaultHttpAsyncRequestSleepTimeMillseconds: pollMilliseconds,
  };
}

function toReply({ returnValue, returned }: InvocationResult): Reply {
  if (returnValue?.json === undefined) {
    return { kind: "broke", message: "The function returned no orchestrator state." };
  }
  return { kind: "returned", state: JSON.parse(returnValue.json) as OrchestratorState, returned };
}

function toThrown(error: unknown): Reply {
  const message = error instanceof Error ? error.message : String(error);
  const at = message.indexOf(stateMark);
  if (at < 0) return { kind: "broke", message };
  return { kind: "threw", state: JSON.parse(message.slice(at + stateMark.length)) as OrchestratorState };
}

/** The names of the events an orchestrator waits for, by lower case. */
function waitedNames(state: OrchestratorState): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const action of flattenActions(state.actions)) {
    if (action.actionType !== ActionType.WaitForExternalEvent) continue;
    names.set(action.externalEventName.toLowerCase(), action.externalEventName);
  }
  return names;
}

function respell(name: string, waited: ReadonlyMap<string, string>): string {
  return waited.get(name.toLowerCase()) ?? name;
}
