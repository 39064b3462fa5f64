import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rememberLosses, toWorkersView, type LossesSeen, type LostWorkers } from "../../model/workers.ts";

const at = "2026-01-02T03:04:05.000Z";
const later = "2026-01-02T03:04:06.000Z";
const lose = (...workers: readonly string[]): LossesSeen["losses"] =>
  workers.map((worker) => ({ worker, reason: "NodePreempted", message: `The node of ${worker} went away.` }));

const arbitraryLook: fc.Arbitrary<LossesSeen> = fc.record({
  round: fc.integer({ min: 1, max: 4 }),
  losses: fc
    .array(
      fc.nat(30).map((number) => `worker-${number}`),
      { maxLength: 40 },
    )
    .map((workers) => lose(...workers)),
  at: fc.constant(at),
});

const remember = (looks: readonly LossesSeen[]): LostWorkers | undefined =>
  looks.reduce<LostWorkers | undefined>(rememberLosses, undefined);

describe("rememberLosses", () => {
  it("takes up what is new, with the round and when it was first seen", () => {
    const first = rememberLosses(undefined, { round: 1, losses: lose("worker-1"), at });
    const second = rememberLosses(first, { round: 1, losses: lose("worker-1", "worker-3"), at: later });
    expect(toWorkersView(second)).toMatchObject({
      lost: 2,
      losses: [
        { worker: "worker-1", reason: "NodePreempted", round: 1, seenAt: at },
        { worker: "worker-3", reason: "NodePreempted", round: 1, seenAt: later },
      ],
    });
  });

  it("knows a worker that was lost twice from one that was seen twice, and rounds from each other", () => {
    const twice = remember([
      { round: 1, losses: lose("worker-1"), at },
      { round: 1, losses: lose("worker-1"), at: later },
      { round: 1, losses: lose("worker-1", "worker-1"), at: later },
      { round: 3, losses: lose("worker-1"), at: later },
    ]);
    expect(twice?.counts).toEqual([2, 0, 1]);
    expect(twice?.losses.map(({ round, seenAt }) => [round, seenAt])).toEqual([
      [1, at],
      [1, later],
      [3, later],
    ]);
  });

  it("changes nothing when a look saw nothing, or the same again", () => {
    expect(rememberLosses(undefined, { round: 1, losses: [], at })).toBeUndefined();
    fc.assert(
      fc.property(fc.array(arbitraryLook), arbitraryLook, (earlier, look) => {
        const once = rememberLosses(remember(earlier), look);
        expect(rememberLosses(once, { ...look, at: later })).toBe(once);
      }),
    );
  });

  it("never forgets, tells of twenty at most, and counts no fewer than any look saw", () => {
    fc.assert(
      fc.property(fc.array(arbitraryLook, { minLength: 1 }), (looks) => {
        const end = remember(looks);
        const { lost, losses } = toWorkersView(end);
        expect(losses.length).toBeLessThanOrEqual(20);
        expect(lost).toBeGreaterThanOrEqual(losses.length);
        for (const { round, losses: seen } of looks)
          expect(end?.counts[round - 1] ?? 0).toBeGreaterThanOrEqual(seen.length);
        const before = toWorkersView(remember(looks.slice(0, -1))).losses;
        expect(losses.slice(0, before.length)).toEqual(before);
      }),
    );
  });
});
