import type { EndReason } from "./exit-code.ts";
import type { Gate } from "./gate/create-gate.ts";
import type { Worker } from "./worker.ts";
import type { StopReason } from "./work-on-target.ts";

/** Milliseconds for attention, rollback and report of what was cut short. */
const cutShort = 20_000;
/** Milliseconds for the last events; the result records hold the same. */
const lastEvents = 5_000;

/**
 * Lets what is in hand end: freely for the grace time, then by rolling back. After a cancel the rolled back targets are
 * reported so; after SIGTERM they are left to other workers.
 */
export async function finish(
  worker: Pick<Worker, "receiver" | "events" | "graceSeconds">,
  gate: Gate,
  reason: EndReason,
  abort: (why: StopReason) => void,
): Promise<void> {
  const grace = reason === "cancelled" || reason === "shutdown" ? worker.graceSeconds * 1_000 : 0;
  // Not waited for: the service may hold the answer back, and the grace time runs.
  const stopped = worker.receiver.stop().catch(() => undefined);
  if (!(await gate.drained(grace))) {
    abort(reason === "cancelled" ? "runCancelled" : "shutdown");
    await gate.drained(cutShort);
  }
  await Promise.all([worker.events.close(lastEvents), withinMoments(stopped)]);
  await withinMoments(worker.receiver.close().catch(() => undefined));
}

/** The process ends after this anyway: a connection that does not close in time is no reason to stay. */
async function withinMoments(closing: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 2_000);
  });
  await Promise.race([closing, timeout]);
  clearTimeout(timer);
}
