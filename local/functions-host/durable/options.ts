import type { Clock } from "../../part.ts";
import type { FunctionInvoker } from "../invoker.ts";

export interface DurableOptions {
  readonly invoker: FunctionInvoker;
  /** Where the host answers, without a trailing slash: `http://127.0.0.1:7071`. */
  readonly baseUrl: string;
  readonly hubName: string;
  /** What `?code=` must carry on the management URLs. */
  readonly systemKey: string;
  /** Path of the SQLite file that holds all state, or `:memory:`. */
  readonly storeFile: string;
  readonly clock: Clock;
  readonly limits?: DurableLimits;
  readonly log?: (event: DurableEvent) => void;
}

/** As in host.json, `extensions.durableTask`. */
export interface DurableLimits {
  /** Default 10. */
  readonly maxConcurrentActivityFunctions?: number;
  /** Default 10. */
  readonly maxConcurrentOrchestratorFunctions?: number;
}

/** What the backend tells its host's log. */
export type DurableEvent =
  | {
      readonly event: "instance-ended";
      readonly instanceId: string;
      readonly name: string;
      readonly status: string;
      readonly reason?: string;
    }
  | {
      /** Upstream moves such a payload out of the queue message into a blob: it works, slowly. */
      readonly event: "payload-large";
      readonly instanceId: string;
      readonly what: string;
      readonly bytes: number;
    }
  | { readonly event: "failure-text-cut"; readonly instanceId: string; readonly characters: number }
  /** The function threw as a whole: its operations fail, its state stays. */
  | { readonly event: "entity-failed"; readonly entityId: string; readonly error: unknown }
  /** A bug of this backend (or a full disk): the work stays in the store and is taken up at the next start. */
  | { readonly event: "backend-error"; readonly where: string; readonly error: unknown };

const defaultConcurrency = 10;

export function readLimits(limits: DurableLimits = {}): Required<DurableLimits> {
  return {
    maxConcurrentActivityFunctions: limits.maxConcurrentActivityFunctions ?? defaultConcurrency,
    maxConcurrentOrchestratorFunctions: limits.maxConcurrentOrchestratorFunctions ?? defaultConcurrency,
  };
}
