import type { RetryOptions } from "../history/events.ts";

/** What an orchestrator answers a turn with (durable-functions, orchestrations/OrchestratorState, schema V4). */
export interface OrchestratorState {
  readonly isDone: boolean;
  /** All actions since the start of the history, not only the new ones. */
  readonly actions: readonly (readonly Action[])[];
  readonly output?: unknown;
  readonly error?: string;
  readonly customStatus?: unknown;
}

/** Numbers of the actions (durable-functions, actions/ActionType). */
export const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  CallHttp: 8,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
  LockEntities: 13,
  ReleaseEntities: 14,
} as const;
type Types = typeof ActionType;

export type SimpleAction =
  | TaskAction
  | EntityAction
  | { readonly actionType: Types["ContinueAsNew"]; readonly input?: unknown }
  | { readonly actionType: Types["WaitForExternalEvent"]; readonly externalEventName: string }
  | {
      readonly actionType: Types["LockEntities"];
      readonly lockRequestId: string;
      readonly lockSet: readonly { readonly name: string; readonly key: string }[];
    }
  | { readonly actionType: Types["ReleaseEntities"] };

export type TaskAction =
  | ActivityAction
  | SubOrchestratorAction
  | { readonly actionType: Types["CreateTimer"]; readonly fireAt: string; readonly isCanceled: boolean }
  | { readonly actionType: Types["CallHttp"]; readonly httpRequest: unknown };

interface ActivityAction {
  readonly actionType: Types["CallActivity"] | Types["CallActivityWithRetry"];
  readonly functionName: string;
  readonly input?: unknown;
  readonly retryOptions?: RetryOptions;
}

export interface SubOrchestratorAction {
  readonly actionType: Types["CallSubOrchestrator"] | Types["CallSubOrchestratorWithRetry"];
  readonly functionName: string;
  readonly instanceId?: string;
  readonly input?: unknown;
  readonly version?: string;
  readonly retryOptions?: RetryOptions;
}

export interface EntityAction {
  readonly actionType: Types["CallEntity"] | Types["SignalEntity"];
  /** `@name@key`. */
  readonly instanceId: string;
  readonly operation: string;
  readonly input?: unknown;
}

interface CompoundAction {
  readonly actionType: Types["WhenAny"] | Types["WhenAll"];
  readonly compoundActions: readonly Action[];
}

export type Action = SimpleAction | CompoundAction;

const taskTypes: readonly number[] = [
  ActionType.CallActivity,
  ActionType.CallActivityWithRetry,
  ActionType.CallSubOrchestrator,
  ActionType.CallSubOrchestratorWithRetry,
  ActionType.CreateTimer,
  ActionType.CallHttp,
];

export function isTask(action: SimpleAction): action is TaskAction {
  return taskTypes.includes(action.actionType);
}

/** The actions in the order in which the SDK numbers them. */
export function flattenActions(actions: readonly (readonly Action[])[]): SimpleAction[] {
  return actions.flat().flatMap(leavesOf);
}

function leavesOf(action: Action): SimpleAction[] {
  return "compoundActions" in action ? action.compoundActions.flatMap(leavesOf) : [action];
}

/**
 * JSON text of the input of an activity or of continueAsNew: a string is JSON text already
 * (durable-functions, Utils.processInput).
 */
export function toInputText(input: unknown): string {
  return typeof input === "string" ? input : JSON.stringify(input ?? null);
}
