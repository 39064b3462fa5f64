import { z } from "zod";
import { Callback, CallbackOutcome } from "./callback.ts";
import type { FailureReport } from "./failures.ts";
import { RunId } from "./ids.ts";
import { RunPlan } from "./run-document.ts";
import { LostWorkers, rememberLosses, WorkerLoss } from "./workers.ts";

export const RunState = z.enum([
  "accepting",
  "accepted",
  "staging",
  "enqueueing",
  "launching",
  "running",
  "collecting",
  "succeeded",
  "completedWithErrors",
  "failed",
  "cancelled",
]);
export type RunState = z.infer<typeof RunState>;

const order: readonly RunState[] = RunState.options;
const finals = ["succeeded", "completedWithErrors", "failed", "cancelled"] as const;
export type FinalRunState = (typeof finals)[number];
export type RunningState = Exclude<RunState, FinalRunState>;

export function isFinal(state: RunState): state is FinalRunState {
  return (finals as readonly RunState[]).includes(state);
}

const RunFailure = z.custom<FailureReport>((value) => typeof value === "object" && value !== null);

export const RunEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("reached"), state: RunState.exclude([...finals]), at: z.iso.datetime() }),
  z.object({ type: z.literal("cancelRequested"), at: z.iso.datetime() }),
  z.object({
    type: z.literal("workersLost"),
    round: z.int().min(1),
    /** All of the round so far. */
    losses: z.array(WorkerLoss).readonly(),
    at: z.iso.datetime(),
  }),
  z.object({
    type: z.literal("ended"),
    state: z.enum(finals),
    at: z.iso.datetime(),
    failure: RunFailure.optional(),
  }),
  z.object({ type: z.literal("calledBack"), outcome: CallbackOutcome }),
]);
export type RunEvent = z.infer<typeof RunEvent>;

/** What is kept of a run, one row. */
export const Run = z.object({
  id: RunId,
  state: RunState,
  plan: RunPlan,
  targets: z.int().min(1),
  buckets: z.int().min(1),
  createdAt: z.iso.datetime(),
  /** When workers were launched. */
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  cancelRequestedAt: z.iso.datetime().optional(),
  lostWorkers: LostWorkers.optional(),
  failure: RunFailure.optional(),
  /** The server job of Azure Pipelines that waits for the run. */
  callback: Callback.optional(),
});
export type Run = z.infer<typeof Run>;

/**
 * The only writer of a run's state. It never goes back: a step that is repeated (activities are at-least-once)
 * or comes late changes nothing, and a final state stays.
 */
export function applyRunEvent(run: Run, event: RunEvent): Run {
  if (event.type === "calledBack") return toCalledBack(run, event.outcome);
  if (isFinal(run.state)) return run;
  switch (event.type) {
    case "reached":
      return toReached(run, event);
    case "cancelRequested":
      return run.cancelRequestedAt === undefined ? { ...run, cancelRequestedAt: event.at } : run;
    case "workersLost": {
      const lostWorkers = rememberLosses(run.lostWorkers, event);
      return lostWorkers === run.lostWorkers || !lostWorkers ? run : { ...run, lostWorkers };
    }
    case "ended":
      return toEnded(run, event);
  }
}

function toReached(run: Run, { state, at }: Extract<RunEvent, { type: "reached" }>): Run {
  if (order.indexOf(state) <= order.indexOf(run.state)) return run;
  return { ...run, ...(state === "running" && { startedAt: at }), state };
}

function toEnded(run: Run, { state, at, failure }: Extract<RunEvent, { type: "ended" }>): Run {
  return { ...run, state, endedAt: at, ...(failure && { failure }) };
}

/** The one thing that is still learnt of a run after its end, and once. */
function toCalledBack(run: Run, outcome: CallbackOutcome): Run {
  if (run.callback?.state !== "pending") return run;
  return { ...run, callback: { ...outcome, address: run.callback.address } };
}

/** The numbered flow's step a state stands for, for people who watch. */
export const runSteps: Readonly<Record<RunState, { readonly number: number; readonly name: string }>> = {
  accepting: { number: 2, name: "accepting: the targets are being stored" },
  accepted: { number: 2, name: "accepted: package and targets are stored" },
  staging: { number: 2, name: "staging: subscription and counters" },
  enqueueing: { number: 3, name: "enqueueing targets" },
  launching: { number: 4, name: "launching compute" },
  running: { number: 7, name: "workers update the databases" },
  collecting: { number: 8, name: "collecting logs, cleaning up" },
  succeeded: { number: 9, name: "done" },
  completedWithErrors: { number: 9, name: "done, with errors" },
  failed: { number: 9, name: "failed" },
  cancelled: { number: 9, name: "cancelled" },
};
