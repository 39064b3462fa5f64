import type { WorkerLog } from "./log.ts";

export interface ProcessEnd {
  /** Aborts when the process has to end. */
  readonly shutdown: AbortSignal;
  /** It has to end because something went wrong that nobody could catch. */
  readonly isBroken: () => boolean;
}

/**
 * Tells when the process has to end: the machine wants it (SIGTERM, SIGINT), or something threw where nobody could catch
 * it, in a timer of an SDK. Then, too, what is in hand may finish: a transaction is whole or not there, whatever broke
 * beside it. Node by itself would end at once and print the error with everything that hangs on it, a password even.
 */
export function listenForEnd(log: Pick<WorkerLog, "broken">): ProcessEnd {
  const controller = new AbortController();
  let isBroken = false;
  const end = (): void => {
    controller.abort();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, end);
  process.on("uncaughtException", (error) => {
    isBroken = true;
    log.broken(error);
    end();
  });
  return { shutdown: controller.signal, isBroken: () => isBroken };
}
