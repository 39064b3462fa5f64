import { describe, expect, test } from "vitest";
import { toTargetId, type RunId } from "../../../../model/ids.ts";
import type { TargetEvent } from "../../../../model/messages.ts";
import type { BucketSummary } from "../../../../model/progress.ts";
import type { TargetState, OutcomeState } from "../../../../model/target.ts";
import type { ProgressStore } from "../../../../services/services.ts";
import { endedEvent, newRunId, startedEvent } from "../../../support/sample-run.ts";

/** What is expected of every store of progress. @param open another instance over the same data, each time. */
export function describeProgressStore(name: string, open: () => ProgressStore): void {
  describe(`ProgressStore: ${name}`, () => {
    test("a bucket begins with every target queued, once", async () => {
      const [store, runId] = [open(), newRunId()];
      await store.begin(runId, 0, 5);
      await store.apply(runId, 0, [startedEvent(runId, { place: 1 })]);
      await open().begin(runId, 0, 5);
      expect(await readCounts(store, runId)).toEqual({ queued: 4, running: 1 });
    });

    test("buckets not begun are left out, and many are read at one glance", async () => {
      const [store, runId] = [open(), newRunId()];
      const sizes = Array.from({ length: 64 }, (_, bucket) => bucket + 1);
      await Promise.all(sizes.slice(0, 63).map((size, bucket) => store.begin(runId, bucket, size)));
      const summaries = await store.summaries(runId, 64);
      expect(summaries.map(({ bucket, total }) => [bucket, total])).toEqual(
        sizes.slice(0, 63).map((size, bucket) => [bucket, size]),
      );
      expect(await store.summaries(newRunId(), 4)).toEqual([]);
    });

    test("an event is counted once, and only what is new is told", async () => {
      const [store, runId] = [open(), newRunId()];
      await store.begin(runId, 0, 3);
      const events = [
        startedEvent(runId, { place: 1 }),
        endedEvent(runId, { place: 1, state: "committed" }),
        startedEvent(runId, { place: 2 }),
      ];
      expect(await store.apply(runId, 0, events)).toBe(2);
      expect(await store.apply(runId, 0, events)).toBe(0);
      expect(await store.apply(runId, 0, [])).toBe(0);
      expect(await readCounts(store, runId)).toEqual({ queued: 1, running: 1, committed: 1 });
    });

    test("more than one transaction's worth of records in one batch", async () => {
      const [store, runId] = [open(), newRunId()];
      await store.begin(runId, 0, 250);
      const events = places(250).map((place) => endedEvent(runId, { place, state: "committed" }));
      expect(await store.apply(runId, 0, events)).toBe(250);
      expect(await readCounts(store, runId)).toEqual({ committed: 250 });
      expect(await store.records(runId, 0)).toHaveLength(250);
    });

    test("counts stay exact when several writers apply the same batches in any order, twice", async () => {
      const [runId, total] = [newRunId(), 40];
      await open().begin(runId, 0, total);
      const batches = Array.from({ length: 12 }, () => toRandomEvents(runId, total));
      const stores = [open(), open(), open()];
      await Promise.all(
        stores.map(async (store) => {
          for (const batch of shuffle([...batches, ...batches.slice(0, 4)])) {
            await store.apply(runId, 0, batch);
          }
        }),
      );
      const records = await open().records(runId, 0);
      const afresh = countStates(records.map(({ state }) => state));
      expect(await readCounts(open(), runId)).toEqual({
        ...(records.length < total && { queued: total - records.length }),
        ...afresh,
      });
    });

    test("records come in order, all or a range, with what is known of each", async () => {
      const [store, runId] = [open(), newRunId()];
      await store.begin(runId, 0, 20);
      const error = { code: "SqlFailed", number: 547, message: "no 'quotes' lost ✓", database: "d", line: 3 };
      await store.apply(runId, 0, [
        endedEvent(runId, { place: 9, state: "rolledBack", outcome: { error, attempts: 2 } }),
        ...[12, 3, 7].map((place) => startedEvent(runId, { place })),
      ]);
      const ids = async (from?: number, to?: number): Promise<number[]> => {
        const range = [from, to].map((place) => (place === undefined ? undefined : toTargetId(place)));
        return (await store.records(runId, 0, ...range)).map(({ targetId }) => Number(targetId));
      };
      expect(await ids()).toEqual([3, 7, 9, 12]);
      expect(await ids(7, 9)).toEqual([7, 9]);
      expect(await ids(8)).toEqual([9, 12]);
      expect(await ids(undefined, 8)).toEqual([3, 7]);
      expect((await store.records(runId, 0, toTargetId(9), toTargetId(9)))[0]).toMatchObject({
        state: "rolledBack",
        attempts: 2,
        workerId: "worker-1",
        error,
      });
    });

    test("a target of a thousand databases is kept whole", async () => {
      const [store, runId] = [open(), newRunId()];
      await store.begin(runId, 0, 1);
      const databases = Array.from({ length: 1_000 }, (_, index) => ({
        name: `tenant ${index} 🏢`.padEnd(120, "ü"),
        state: "committed" as const,
      }));
      const event = endedEvent(runId, { place: 1, state: "committed", outcome: { databases } });
      await store.apply(runId, 0, [event]);
      expect((await store.records(runId, 0))[0]?.databases).toEqual(databases);
    });

    test("giving up closes what is open and leaves outcomes alone; repeating it changes nothing", async () => {
      const [store, runId] = [open(), newRunId()];
      await store.begin(runId, 0, 150);
      await store.apply(runId, 0, [
        startedEvent(runId, { place: 1 }),
        endedEvent(runId, { place: 2, state: "committed" }),
      ]);
      const ids = places(150).map(toTargetId);
      await store.giveUp(runId, 0, ids, "cancelled");
      const after = { lost: 1, committed: 1, cancelled: 148 };
      expect(await readCounts(store, runId)).toEqual(after);
      await store.giveUp(runId, 0, ids, "cancelled");
      await store.giveUp(runId, 0, [], "lost");
      expect(await readCounts(store, runId)).toEqual(after);
      // A worker was not dead after all: its word is the truth.
      await store.apply(runId, 0, [endedEvent(runId, { place: 1, state: "committed" })]);
      expect(await readCounts(store, runId)).toEqual({ committed: 2, cancelled: 148 });
    });

    test("runs do not see each other", async () => {
      const [store, one, other] = [open(), newRunId(), newRunId()];
      await Promise.all([store.begin(one, 0, 1), store.begin(other, 0, 1)]);
      await store.apply(one, 0, [startedEvent(one, { place: 1 })]);
      expect(await readCounts(store, other)).toEqual({ queued: 1 });
      expect(await store.records(other, 0)).toEqual([]);
    });
  });
}

const places = (total: number): number[] => Array.from({ length: total }, (_, index) => index + 1);

/** The states that have any. */
async function readCounts(store: ProgressStore, runId: RunId): Promise<Partial<Record<TargetState, number>>> {
  const [summary] = await store.summaries(runId, 1);
  return Object.fromEntries(
    Object.entries((summary satisfies BucketSummary | undefined)?.counts ?? {}).filter(
      ([, count]) => count !== 0,
    ),
  );
}

function countStates(states: readonly TargetState[]): Partial<Record<TargetState, number>> {
  const counts: Partial<Record<TargetState, number>> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function toRandomEvents(runId: RunId, total: number): TargetEvent[] {
  const outcomes: readonly OutcomeState[] = ["committed", "rolledBack", "failed", "alreadyApplied"];
  return Array.from({ length: 15 }, (): TargetEvent => {
    const facts = { place: random(total) + 1, position: { round: random(2) + 1, delivery: random(3) + 1 } };
    const state = outcomes[random(outcomes.length * 2)];
    return state ? endedEvent(runId, { ...facts, state }) : startedEvent(runId, facts);
  });
}

const random = (below: number): number => Math.floor(Math.random() * below);

function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
