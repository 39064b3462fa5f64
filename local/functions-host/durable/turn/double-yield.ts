import { type Action, ActionType, flattenActions, type SimpleAction } from "./actions.ts";
import { Refusal } from "./refusal.ts";

/**
 * A task that was yielded and is put into another Task.any or Task.all is listed again among the actions, and
 * upstream schedules it a second time: azure-functions-durable-js issue 574. On the wire the second listing looks
 * like another call; in this process it is the same action object.
 * @param returned What the orchestrator function itself returned, before it was serialized.
 * @throws Refusal naming the task and the rule.
 */
export function checkYieldedOnce(returned: unknown): void {
  const seen = new Set<SimpleAction>();
  for (const action of flattenActions(actionsOf(returned))) {
    if (seen.has(action)) throw yieldedTwice(action);
    seen.add(action);
  }
}

function actionsOf(returned: unknown): readonly (readonly Action[])[] {
  const holder = returned as { readonly actions?: readonly (readonly Action[])[] } | null | undefined;
  return holder?.actions ?? [];
}

function yieldedTwice(action: SimpleAction): Refusal {
  return new Refusal(
    `Task yielded twice: ${describe(action)} was put into a second Task.any or Task.all. Durable Functions ` +
      "schedules such a task again (azure-functions-durable-js issue 574). Rule: a task goes into one Task.any " +
      "or Task.all only, or is yielded by itself afterwards.",
  );
}

function describe(action: SimpleAction): string {
  if ("functionName" in action) return `the call of '${action.functionName}'`;
  if ("externalEventName" in action) return `the wait for the event '${action.externalEventName}'`;
  if (action.actionType === ActionType.CreateTimer) return "a timer";
  return `an action of type ${action.actionType}`;
}
