import { exitCode } from "../model/worker-exit.ts";

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export interface Tally {
  readonly succeeded: number;
  readonly failed: number;
}

/** Of a worker that started. */
export function toExitCode(tally: Tally, reason: EndReason): ExitCode {
  if (reason === "cancelled") return exitCode.cancelled;
  if (reason === "shutdown") return exitCode.interrupted;
  return tally.failed > 0 ? exitCode.someFailed : exitCode.succeeded;
}

/**
 * Why a worker takes nothing new: the run was cancelled · every target has its outcome · nothing came for a while ·
 * the machine wants it to end (SIGTERM).
 */
export type EndReason = "cancelled" | "settled" | "idle" | "shutdown";
