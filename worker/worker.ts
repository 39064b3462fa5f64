import type { RunId } from "../model/ids.ts";
import type { EventSender } from "../services/event-hubs/send-events.ts";
import type { TargetReceiver } from "../services/service-bus/target-receiver.ts";
import type { Files } from "../services/services.ts";
import type { SqlAuth } from "./apply/sql/connect.ts";
import type { LoadedRun } from "./load-run.ts";
import type { WorkerLog } from "./log.ts";

/** Everything a worker works with; main.ts builds it. */
export interface Worker {
  readonly runId: RunId;
  readonly workerId: string;
  readonly run: LoadedRun;
  readonly auth: SqlAuth;
  readonly allowedServers: readonly string[];
  readonly idleSeconds: number;
  readonly graceSeconds: number;
  readonly files: Files;
  readonly events: EventSender;
  readonly receiver: TargetReceiver;
  readonly log: WorkerLog;
  /** Aborts when the machine wants the process to end (SIGTERM). */
  readonly shutdown: AbortSignal;
}
