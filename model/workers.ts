import { z } from "zod";

/** ended: none is left and none will start. */
export type WorkersState = "starting" | "running" | "ended";

/**
 * A worker whose machine went away, or that was ended from outside, before its work was through. Its targets go to
 * the others: a loss is news, not a failure.
 */
export const WorkerLoss = z.object({
  /** The task or pod, as its compute names it: `worker-2`, `run-…-1-x7k2p`. */
  worker: z.string(),
  /** What took it, as its compute names it: `NodePreempted`, `Evicted`, `OOMKilled`. */
  reason: z.string(),
  /** One sentence for people: what happened and what becomes of its work. */
  message: z.string(),
});
export type WorkerLoss = z.infer<typeof WorkerLoss>;

/** What is to be seen of one round's workers. */
export interface Workers {
  readonly state: WorkersState;
  /** All of the round so far, also those already told of. */
  readonly losses: readonly WorkerLoss[];
}

/** Losses a run tells of one by one; of those that come after, it keeps the number. */
const mostTold = 20;

/** What a run remembers of the workers it lost. */
export const LostWorkers = z.object({
  /** By round, from the first: how many at least. (A compute may forget a pod, a look may miss it.) */
  counts: z.array(z.int().min(0)),
  /** The first ones, in the order they were seen. */
  losses: z.array(
    WorkerLoss.extend({
      round: z.int().min(1),
      /** When it was first seen. */
      seenAt: z.iso.datetime(),
    }),
  ),
});
export type LostWorkers = z.infer<typeof LostWorkers>;

/** A look at one round's workers. */
export interface LossesSeen {
  readonly round: number;
  readonly losses: readonly WorkerLoss[];
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Takes up what a look saw. The same look twice changes nothing (the same object comes back), and a loss that a later
 * look has forgotten stays. A worker that was started again may be lost again: its n-th loss is the n-th of its name.
 */
export function rememberLosses(before: LostWorkers | undefined, look: LossesSeen): LostWorkers | undefined {
  const { counts, losses } = before ?? { counts: [], losses: [] };
  const { round, at } = look;
  const known = losses.filter((loss) => loss.round === round);
  const fresh = withoutKnown(look.losses, known).slice(0, mostTold - losses.length);
  const count = Math.max(counts[round - 1] ?? 0, look.losses.length, known.length + fresh.length);
  if (fresh.length === 0 && count === (counts[round - 1] ?? 0)) return before;
  return {
    counts: Array.from({ length: Math.max(counts.length, round) }, (_, index) =>
      index === round - 1 ? count : (counts[index] ?? 0),
    ),
    losses: [...losses, ...fresh.map((loss) => ({ ...loss, round, seenAt: at }))],
  };
}

function withoutKnown(
  seen: readonly WorkerLoss[],
  known: readonly Pick<WorkerLoss, "worker">[],
): readonly WorkerLoss[] {
  const left = known.map(({ worker }) => worker);
  return seen.filter(({ worker }) => {
    const place = left.indexOf(worker);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

/** As the API and summary.json tell it. */
export interface WorkersView {
  /** How many were lost, at least. */
  readonly lost: number;
  readonly losses: LostWorkers["losses"];
}

export function toWorkersView(lost: LostWorkers | undefined): WorkersView {
  return { lost: lost?.counts.reduce((sum, count) => sum + count, 0) ?? 0, losses: lost?.losses ?? [] };
}
