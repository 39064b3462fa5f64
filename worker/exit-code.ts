/**
 * sbm counts failures in its exit code, which wraps at 256; these do not. interrupted: the machine wanted the worker to
 * end before the work was done. Were that a success, a Kubernetes Job would not replace the pod of a drained node.
 */
export const exitCode = {
  succeeded: 0,
  someFailed: 1,
  couldNotStart: 2,
  cancelled: 3,
  broken: 4,
  interrupted: 5,
} as const;
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
