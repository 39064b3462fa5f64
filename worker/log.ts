import pino from "pino";
import type { Failure } from "../model/failures.ts";
import type { RunId, TargetId } from "../model/ids.ts";
import type { TargetOutcome } from "../model/target.ts";

/**
 * Everything a worker says on its output, one function per line. `id` is stable, for queries and alerts; fields come
 * before words. Errors are reduced to code and message: an SDK's full error may carry a request with its secrets.
 */
export interface WorkerLog {
  started(facts: { readonly slots: number; readonly packageName: string; readonly scripts: number }): void;
  couldNotStart(code: string, error: unknown): void;
  /** Something was thrown that nobody caught. */
  broken(error: unknown): void;
  /** Something that may come by itself is waited for, `milliseconds` at most. */
  waiting(failure: Failure, milliseconds: number): void;
  targetStarted(targetId: TargetId, delivery: number): void;
  targetEnded(targetId: TargetId, outcome: TargetOutcome): void;
  targetRecalled(targetId: TargetId, state: string): void;
  targetAbandoned(targetId: TargetId, reason: string): void;
  completeFailed(targetId: TargetId, error: unknown): void;
  reportFailed(targetId: TargetId, what: string, error: unknown): void;
  poisonMessage(messageId: string, reason: string): void;
  receivingDisturbed(error: unknown): void;
  eventsDropped(count: number, error: unknown): void;
  orderUnreadable(error: unknown): void;
  /** A connection that resumed a TLS session broke before the server said anything; it is made again. */
  tlsNotResumed(host: string, error: unknown): void;
  stopping(reason: string, inFlight: number): void;
  ended(facts: { readonly exitCode: number; readonly succeeded: number; readonly failed: number }): void;
}

interface Options {
  readonly level: string;
  readonly runId: RunId;
  readonly workerId: string;
}

export function createWorkerLog({ level, runId, workerId }: Options): WorkerLog {
  const log = pino({ level, base: { runId, workerId } }, openOutput());
  return {
    started: (facts) => {
      log.info({ id: "WorkerStarted", ...facts }, "Worker started");
    },
    couldNotStart: (code, error) => {
      log.fatal({ id: "WorkerCouldNotStart", code, error: describe(error) }, "Worker could not start");
    },
    broken: (error) => {
      log.fatal({ id: "WorkerBroken", error: describe(error) }, "Worker finishes what it has, and ends");
    },
    waiting: ({ code, message }, milliseconds) => {
      const facts = { id: "WorkerWaiting", code, error: message, seconds: Math.ceil(milliseconds / 1_000) };
      log.warn(facts, "Tries again until it works or the time is over");
    },
    ...createTargetLog(log),
    poisonMessage: (messageId, reason) => {
      log.error({ id: "PoisonMessage", messageId, reason }, "Message put into the dead-letter queue");
    },
    receivingDisturbed: (error) => {
      log.warn({ id: "ReceivingDisturbed", error: describe(error) }, "Receiving was disturbed");
    },
    eventsDropped: (count, error) => {
      log.warn({ id: "EventsDropped", count, error: describe(error) }, "Events were dropped");
    },
    orderUnreadable: (error) => {
      log.warn({ id: "OrderUnreadable", error: describe(error) }, "The run's order could not be read");
    },
    tlsNotResumed: (host, error) => {
      const facts = { id: "TlsNotResumed", host, error: describe(error) };
      log.warn(facts, "Connects again, for ten minutes with full TLS handshakes");
    },
    stopping: (reason, inFlight) => {
      log.info({ id: "WorkerStopping", reason, inFlight }, "Worker takes nothing new");
    },
    ended: (facts) => {
      log.info({ id: "WorkerEnded", ...facts }, "Worker ended");
    },
  };
}

/** Milliseconds and bytes lines are gathered for: with a system call for each, a busy worker would feel it. */
const gatherFor = 100;
const gatherBytes = 4_096;

/** The standard output. What is gathered is also written when the process ends, unless it is killed. */
function openOutput(): pino.DestinationStream {
  const output = pino.destination({ minLength: gatherBytes, sync: true });
  const flush = (): void => {
    output.flushSync();
  };
  setInterval(flush, gatherFor).unref();
  process.once("exit", flush);
  return output;
}

type TargetLog = Pick<
  WorkerLog,
  "targetStarted" | "targetEnded" | "targetRecalled" | "targetAbandoned" | "completeFailed" | "reportFailed"
>;

function createTargetLog(log: pino.Logger): TargetLog {
  return {
    targetStarted: (targetId, delivery) => {
      log.debug({ id: "TargetStarted", targetId, delivery }, "Target started");
    },
    targetEnded: (targetId, { state, attempts, error }) => {
      const facts = { id: "TargetEnded", targetId, state, attempts, ...(error && { error }) };
      log.info(facts, "Target ended");
    },
    targetRecalled: (targetId, state) => {
      log.info({ id: "TargetRecalled", targetId, state }, "Outcome was known, reported again");
    },
    targetAbandoned: (targetId, reason) => {
      log.info({ id: "TargetAbandoned", targetId, reason }, "Target left to another worker");
    },
    completeFailed: (targetId, error) => {
      log.warn({ id: "CompleteFailed", targetId, error: describe(error) }, "Message comes again");
    },
    reportFailed: (targetId, what, error) => {
      log.warn({ id: "ReportFailed", targetId, what, error: describe(error) }, "Could not be written");
    },
  };
}

/** Code and first line: the rest of an SDK's message repeats requests. */
function describe(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const firstLine = typeof message === "string" ? (message.split("\n")[0] ?? "") : String(error);
  return typeof code === "string" ? `${code}: ${firstLine}` : firstLine;
}
