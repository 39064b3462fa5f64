import fc from "fast-check";
import { expect, test } from "vitest";
import { IndexedHeap } from "../../../../local/service-bus/state/indexed-heap.ts";

test("takes items in order, whatever was added and deleted", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean())), (entries) => {
      const heap = new IndexedHeap<{ rank: number }>((item) => item.rank);
      const items = entries.map(([rank, kept]) => ({ rank, kept }));
      for (const item of items) heap.add(item);
      for (const item of items) if (!item.kept) expect(heap.delete(item)).toBe(true);
      const taken = [];
      for (let item = heap.take(); item; item = heap.take()) taken.push(item.rank);
      const expected = items.filter(({ kept }) => kept).map(({ rank }) => rank);
      expect(taken).toEqual(expected.sort((a, b) => a - b));
    }),
  );
});
