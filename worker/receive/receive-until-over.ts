import { type Control, watchControl } from "../control.ts";
import type { EndReason, Tally } from "../exit-code.ts";
import type { Gate } from "../gate/create-gate.ts";
import { reportPoison } from "../report/report-poison.ts";
import type { Worker } from "../worker.ts";
import { type TargetWork, workOnTarget } from "../work-on-target.ts";

export interface Received {
  readonly reason: EndReason;
  /** Still counts while the last targets end. */
  readonly tally: Tally;
}

/** Milliseconds between looks at the clock. */
const idleCheck = 500;

/** Takes targets through the gate until there is a reason to take nothing new. */
export async function receiveUntilOver(worker: Worker, gate: Gate, work: TargetWork): Promise<Received> {
  const tally = { succeeded: 0, failed: 0 };
  const over = createOver();
  const control = watchControl({
    files: worker.files,
    runId: worker.runId,
    onOrder: (order) => {
      over.end(order === "stop" ? "cancelled" : "settled");
    },
    onError: (error) => {
      worker.log.orderUnreadable(error);
    },
  });
  const idle = setInterval(() => {
    if (gate.idleFor() > worker.idleSeconds * 1_000) over.end("idle");
  }, idleCheck);
  const shutDown = (): void => {
    over.end("shutdown");
  };
  worker.shutdown.addEventListener("abort", shutDown);
  if (worker.shutdown.aborted) shutDown();

  worker.receiver.start(gate.slots, {
    target: (delivery) =>
      gate.pass(async () => {
        if (!(await mayStart(over, control))) return () => delivery.giveBack();
        const report = await workOnTarget(work, delivery);
        return async () => {
          const end = await report();
          if (end !== "left") tally[end] += 1;
        };
      }),
    poison: async (message) => {
      await reportPoison(worker, message);
      tally.failed += 1;
    },
    disturbed: (error) => {
      worker.log.receivingDisturbed(error);
    },
    gone: () => {
      over.end("settled");
    },
  });

  const reason = await over.reason;
  control.stop();
  clearInterval(idle);
  worker.shutdown.removeEventListener("abort", shutDown);
  return { reason, tally };
}

/** Looked at last thing before a target starts: nothing starts after the order to stop was readable. */
async function mayStart(over: Over, control: Control): Promise<boolean> {
  return !over.isOver() && (await control.fresh()) === "go" && !over.isOver();
}

type Over = ReturnType<typeof createOver>;

function createOver(): {
  readonly reason: Promise<EndReason>;
  readonly end: (reason: EndReason) => void;
  readonly isOver: () => boolean;
} {
  let isOver = false;
  let resolve: (reason: EndReason) => void = () => undefined;
  const reason = new Promise<EndReason>((settle) => {
    resolve = settle;
  });
  return {
    reason,
    isOver: () => isOver,
    end: (why) => {
      isOver = true;
      resolve(why);
    },
  };
}
