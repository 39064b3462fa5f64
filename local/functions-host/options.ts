import type { Clock } from "../part.ts";
import type { LogSink } from "./app/core-types.ts";
import type { DurableBackend, FunctionInvoker } from "./invoker.ts";

export type Settings = Readonly<Record<string, string | undefined>>;

export interface FunctionsHostOptions {
  /** The app's modules: files, URLs or glob patterns such as package.json's `main`. */
  readonly app: readonly (string | URL)[];
  /** 0 = any free port. */
  readonly port: number;
  readonly keys: HostKeys;
  /** host.json, parsed from JSON and nothing else. */
  readonly hostJson: unknown;
  /** The app settings: triggers resolve names in them, and the app finds them in `process.env`. */
  readonly settings: Settings;
  readonly clock: Clock;
  readonly createDurable?: (invoker: FunctionInvoker, context: DurableContext) => DurableBackend;
  readonly log?: LogSink;
  /** How long `stop` waits for invocations that run; then it goes on without them. Default 10 s. */
  readonly graceMilliseconds?: number;
}

/** Keys as the portal's "App keys" page shows them; the names are labels only. */
export interface HostKeys {
  /** Opens everything, the /admin routes included. */
  readonly master: string;
  /** Open functions of `authLevel: "function"`. */
  readonly function: Readonly<Record<string, string>>;
  /** Opens the Durable management URLs; made up when absent. */
  readonly durableSystem?: string;
}

export interface DurableContext {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly baseUrl: string;
  readonly hubName: string;
  /** What management URLs carry in `?code=`. */
  readonly systemKey: string;
  readonly limits: {
    readonly maxConcurrentActivityFunctions: number;
    readonly maxConcurrentOrchestratorFunctions: number;
  };
}
