import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toRunId, toTargetId, type TargetId } from "../../model/ids.ts";
import type { TargetEvent } from "../../model/messages.ts";
import {
  addCounts,
  applyBucketEvents,
  applyTargetEvent,
  countFinished,
  emptySummary,
  giveUpTargets,
  planBuckets,
  toBucketSizes,
  type BucketSummary,
  type TargetRecord,
} from "../../model/progress.ts";
import { OutcomeState, TargetState } from "../../model/target.ts";

const runId = toRunId(new Date("2026-01-02T03:04:05Z"), "abcdef");
const at = "2026-01-02T03:04:05.000Z";
const total = 5;

const arbitraryEvent: fc.Arbitrary<TargetEvent> = fc
  .record({
    place: fc.integer({ min: 1, max: total }),
    position: fc.record({
      round: fc.integer({ min: 1, max: 2 }),
      delivery: fc.integer({ min: 1, max: 3 }),
      sequence: fc.integer({ min: 1, max: 2 }),
    }),
    state: fc.option(fc.constantFrom(...OutcomeState.options), { nil: undefined }),
  })
  .map(({ place, position, state }) => toEvent(place, position, state));

function toEvent(place: number, position: TargetEvent["position"], state?: OutcomeState): TargetEvent {
  const base = { runId, targetId: toTargetId(place), bucket: 0, position, workerId: "w", at };
  if (!state) return { ...base, type: "started" };
  const outcome = { state, attempts: 1, startedAt: at, endedAt: at, databases: [{ name: "db", state }] };
  return { ...base, type: "ended", outcome };
}

interface Store {
  readonly summary: BucketSummary;
  readonly records: ReadonlyMap<TargetId, TargetRecord>;
}
const empty: Store = { summary: emptySummary(0, total), records: new Map() };

function take(store: Store, events: readonly TargetEvent[]): Store {
  const { summary, changed } = applyBucketEvents(store.summary, store.records, events);
  return {
    summary,
    records: new Map([...store.records, ...changed.map((record) => [record.targetId, record] as const)]),
  };
}

function countAfresh({ records }: Store): Readonly<Record<string, number>> {
  const counts = Object.fromEntries(TargetState.options.map((state) => [state, 0]));
  counts["queued"] = total - records.size;
  for (const { state } of records.values()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

describe("applyBucketEvents", () => {
  it("keeps counts equal to the records, in whatever order and however often events come", () => {
    fc.assert(
      fc.property(fc.array(fc.array(arbitraryEvent)), (batches) => {
        const store = batches.reduce(take, empty);
        expect(store.summary.counts).toEqual(countAfresh(store));
      }),
    );
  });

  it("changes nothing when the same batch is delivered again", () => {
    fc.assert(
      fc.property(fc.array(arbitraryEvent), (events) => {
        const once = take(empty, events);
        const again = applyBucketEvents(once.summary, once.records, events);
        expect(again.changed).toEqual([]);
        expect(again.summary.counts).toEqual(once.summary.counts);
      }),
    );
  });

  it("takes a commit whenever it comes, and never takes it back", () => {
    fc.assert(
      fc.property(fc.array(arbitraryEvent), fc.array(arbitraryEvent), (before, after) => {
        const commit = toEvent(1, { round: 1, delivery: 1, sequence: 2 }, "committed");
        const store = take(take(take(empty, before), [commit]), after);
        expect(store.records.get(toTargetId(1))?.state).toBe("committed");
      }),
    );
  });
});

describe("applyTargetEvent", () => {
  const running = applyTargetEvent(undefined, toEvent(1, { round: 1, delivery: 1, sequence: 1 }));

  it("goes queued → running → outcome", () => {
    expect(running?.state).toBe("running");
    const ended = applyTargetEvent(running, toEvent(1, { round: 1, delivery: 1, sequence: 2 }, "rolledBack"));
    expect(ended?.state).toBe("rolledBack");
  });

  it("counts an attempt more when another worker begins", () => {
    const second = applyTargetEvent(running, toEvent(1, { round: 1, delivery: 2, sequence: 1 }));
    expect(second).toMatchObject({ state: "running", attempts: 2 });
  });

  it("does not begin again what has ended", () => {
    const ended = applyTargetEvent(running, toEvent(1, { round: 1, delivery: 1, sequence: 2 }, "failed"));
    expect(applyTargetEvent(ended, toEvent(1, { round: 1, delivery: 2, sequence: 1 }))).toBe(ended);
  });

  it("keeps committed whatever is said later", () => {
    const ended = applyTargetEvent(running, toEvent(1, { round: 1, delivery: 1, sequence: 2 }, "committed"));
    expect(applyTargetEvent(ended, toEvent(1, { round: 2, delivery: 1, sequence: 1 }, "failed"))).toBe(ended);
  });

  it("takes an outcome that came in after the target was given up", () => {
    const { changed } = giveUpTargets(emptySummary(0, 1), new Map(), [toTargetId(1)], "lost");
    expect(changed[0]?.state).toBe("lost");
    const late = applyTargetEvent(
      changed[0],
      toEvent(1, { round: 1, delivery: 1, sequence: 1 }, "committed"),
    );
    expect(late?.state).toBe("committed");
  });
});

describe("giveUpTargets", () => {
  it("says lost where an attempt had begun, and leaves outcomes alone", () => {
    const store = take(empty, [
      toEvent(1, { round: 1, delivery: 1, sequence: 1 }),
      toEvent(2, { round: 1, delivery: 1, sequence: 2 }, "committed"),
    ]);
    const ids = [1, 2, 3].map(toTargetId);
    const { summary, changed } = giveUpTargets(store.summary, store.records, ids, "cancelled");
    expect(changed.map(({ targetId, state }) => [targetId, state])).toEqual([
      ["000001", "lost"],
      ["000003", "cancelled"],
    ]);
    expect(summary.counts).toMatchObject({ lost: 1, cancelled: 1, committed: 1, queued: 2, running: 0 });
  });

  it.each([
    ["cancelled", "cancelled", "RunCancelled"],
    ["neverBegun", "cancelled", "NeverBegun"],
    ["lost", "lost", "TargetLost"],
  ] as const)("says why: %s", (why, state, code) => {
    const store = take(empty, [toEvent(1, { round: 1, delivery: 1, sequence: 1 })]);
    const { changed } = giveUpTargets(store.summary, store.records, [1, 2].map(toTargetId), why);
    expect(changed).toMatchObject([
      { targetId: "000001", state: "lost", error: { code: "TargetLost" } },
      { targetId: "000002", state, error: { code } },
    ]);
  });
});

describe("buckets", () => {
  it("hold every target once, 64 at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128_000 }), (targets) => {
        const sizes = toBucketSizes(targets);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(targets);
        expect(sizes.length).toBeLessThanOrEqual(planBuckets(targets));
        expect(Math.min(...sizes)).toBeGreaterThan(0);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000);
      }),
    );
  });

  it("are added up for the run", () => {
    const counts = addCounts([emptySummary(0, 3), emptySummary(1, 4)]);
    expect(counts.queued).toBe(7);
    expect(countFinished(counts)).toBe(0);
  });
});
