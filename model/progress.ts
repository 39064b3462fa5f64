import { z } from "zod";
import { TargetId } from "./ids.ts";
import { EventPosition, isNewer, type TargetEvent } from "./messages.ts";
import { TargetError, TargetState, isFinished } from "./target.ts";

/** What is known of one target. A target nothing was heard of yet has no record: it is queued. */
export const TargetRecord = z.object({
  targetId: TargetId,
  state: TargetState,
  position: EventPosition,
  attempts: z.int().min(0),
  workerId: z.string(),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  databases: z.array(z.object({ name: z.string(), state: TargetState })).optional(),
  error: TargetError.optional(),
});
export type TargetRecord = z.infer<typeof TargetRecord>;

export type Counts = Readonly<Record<TargetState, number>>;

/** Counts of one bucket; they always add up to `total`. */
export interface BucketSummary {
  readonly bucket: number;
  readonly total: number;
  readonly counts: Counts;
}

/**
 * The only writer of a target's state. An event that is not newer than the record changes nothing (the same
 * object comes back). Two things are true however late they come: `committed`, for it is in the database (also
 * when a later delivery, on finding it locked, said otherwise), and any outcome of a target given up for lost.
 */
export function applyTargetEvent(
  record: TargetRecord | undefined,
  event: TargetEvent,
): TargetRecord | undefined {
  if (record && !changes(record, event)) return record;
  switch (event.type) {
    case "started":
      return toRunning(record, event);
    case "ended":
      return toEnded(event);
  }
}

function changes(record: TargetRecord, event: TargetEvent): boolean {
  if (record.state === "committed") return false;
  const isNew = isNewer(event.position, record.position);
  if (event.type === "started") return isNew && !isFinished(record.state);
  return isNew || event.outcome.state === "committed" || record.state === "lost";
}

function toRunning(record: TargetRecord | undefined, event: TargetEvent): TargetRecord {
  return {
    targetId: event.targetId,
    state: "running",
    position: event.position,
    attempts: (record?.attempts ?? 0) + 1,
    workerId: event.workerId,
    startedAt: event.at,
  };
}

function toEnded({ outcome, ...event }: Extract<TargetEvent, { readonly type: "ended" }>): TargetRecord {
  return {
    targetId: event.targetId,
    state: outcome.state,
    position: event.position,
    attempts: outcome.attempts,
    workerId: event.workerId,
    startedAt: outcome.startedAt,
    endedAt: outcome.endedAt,
    databases: outcome.databases,
    ...(outcome.error && { error: outcome.error }),
  };
}

export function emptySummary(bucket: number, total: number): BucketSummary {
  return { bucket, total, counts: { ...noCounts, queued: total } };
}

/** Applies a batch of one bucket's events; `changed` holds only the records that are new or different. */
export function applyBucketEvents(
  summary: BucketSummary,
  records: ReadonlyMap<TargetId, TargetRecord>,
  events: readonly TargetEvent[],
): { readonly summary: BucketSummary; readonly changed: readonly TargetRecord[] } {
  const changed = new Map<TargetId, TargetRecord>();
  for (const event of events) {
    const before = changed.get(event.targetId) ?? records.get(event.targetId);
    const after = applyTargetEvent(before, event);
    if (after && after !== before) changed.set(event.targetId, after);
  }
  return { summary: recount(summary, records, changed), changed: [...changed.values()] };
}

/**
 * Why a target is closed that has no outcome. cancelled: the run was, before it was begun · neverBegun: no worker
 * ever began it, and nobody cancelled the run · lost: nobody knows.
 */
export type GiveUp = "cancelled" | "neverBegun" | "lost";

/**
 * Closes targets nobody will report on any more. Where an attempt had begun it is `lost` whatever the reason, because
 * then the database may have been changed.
 */
export function giveUpTargets(
  summary: BucketSummary,
  records: ReadonlyMap<TargetId, TargetRecord>,
  targetIds: readonly TargetId[],
  why: GiveUp,
): { readonly summary: BucketSummary; readonly changed: readonly TargetRecord[] } {
  const changed = new Map<TargetId, TargetRecord>();
  for (const targetId of targetIds) {
    const record = records.get(targetId);
    if (record && isFinished(record.state)) continue;
    changed.set(targetId, record ? { ...record, ...endings.lost } : toGivenUp(targetId, why));
  }
  return { summary: recount(summary, records, changed), changed: [...changed.values()] };
}

function toGivenUp(targetId: TargetId, why: GiveUp): TargetRecord {
  const position = { round: 1, delivery: 1, sequence: 1 };
  return { targetId, position, attempts: 0, workerId: "", ...endings[why] };
}

const endings: Readonly<Record<GiveUp, { readonly state: TargetState; readonly error: TargetError }>> = {
  cancelled: {
    state: "cancelled",
    error: {
      code: "RunCancelled",
      message: "The run was cancelled before this target was begun; nothing was changed.",
    },
  },
  neverBegun: {
    state: "cancelled",
    error: { code: "NeverBegun", message: "No worker ever began this target; nothing was changed." },
  },
  lost: {
    state: "lost",
    error: {
      code: "TargetLost",
      message:
        "No worker reported how this target ended; the journal in the database tells whether it was changed.",
    },
  },
};

/** The summary after these records took the place of those. */
export function recount(
  summary: BucketSummary,
  before: ReadonlyMap<TargetId, TargetRecord>,
  after: ReadonlyMap<TargetId, TargetRecord>,
): BucketSummary {
  const counts = { ...summary.counts };
  for (const [targetId, record] of after) {
    counts[before.get(targetId)?.state ?? "queued"] -= 1;
    counts[record.state] += 1;
  }
  return { ...summary, counts };
}

export function addCounts(summaries: readonly BucketSummary[]): Counts {
  const sum = { ...noCounts };
  for (const { counts } of summaries) {
    for (const state of TargetState.options) sum[state] += counts[state];
  }
  return sum;
}

export function countFinished(counts: Counts): number {
  return TargetState.options.filter(isFinished).reduce((sum, state) => sum + counts[state], 0);
}

const noCounts = Object.fromEntries(TargetState.options.map((state) => [state, 0])) as Record<
  TargetState,
  number
>;

/** One bucket per ~2,000 targets, 1 to 64: enough to spread writes, few enough to read at one glance. */
export function planBuckets(targets: number): number {
  return Math.min(64, Math.max(1, Math.ceil(targets / 2_000)));
}

/** How many targets each bucket holds, by bucket number. */
export function toBucketSizes(targets: number): readonly number[] {
  const size = Math.ceil(targets / planBuckets(targets));
  return Array.from({ length: Math.ceil(targets / size) }, (_, bucket) =>
    Math.min(size, targets - bucket * size),
  );
}
