import type { Clock } from "../part.ts";
import type { LogSink } from "./app/core-types.ts";
import type { Invocation } from "./invoker.ts";
import type { Settings } from "./options.ts";

/** A function that the host itself starts: on time, or when events are there. */
export interface RunningTrigger {
  readonly functionName: string;
  /** Runs the function once, now, as `POST /admin/functions/{name}` does. */
  runByHand(input: string): Promise<void>;
  /** Takes up nothing new. An invocation that runs is not waited for. */
  stop(): Promise<void>;
}

/** What a trigger is handed. */
export interface TriggerContext {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: LogSink;
  /** Runs a function to its end with the retries it asked for. Failures are logged, never thrown. */
  readonly run: (functionName: string, trigger: Invocation) => Promise<void>;
}
