import { describe, expect, it, vi } from "vitest";
import { createEventQueue } from "../../../services/event-hubs/event-queue.ts";

const quick = { gatherFor: 1, mostWaiting: 1_000 };

describe("createEventQueue", () => {
  it("gathers what comes together, and sends the rest at the end", async () => {
    const batches: number[][] = [];
    const queue = createEventQueue<number>({
      ...quick,
      gatherFor: 20,
      onDropped: vi.fn(),
      send: (items) => {
        batches.push([...items]);
        return Promise.resolve();
      },
    });
    queue.push(1);
    queue.push(2);
    await vi.waitFor(() => {
      expect(batches).toEqual([[1, 2]]);
    });
    queue.push(3);
    await queue.end(1_000);
    expect(batches).toEqual([[1, 2], [3]]);
  });

  it("drops what cannot be sent and goes on", async () => {
    const dropped: number[] = [];
    const sent: number[] = [];
    const queue = createEventQueue<number>({
      ...quick,
      onDropped: (count) => dropped.push(count),
      send: (items) => {
        if (items.includes(1)) return Promise.reject(new Error("hub is gone"));
        sent.push(...items);
        return Promise.resolve();
      },
    });
    queue.push(1);
    await vi.waitFor(() => {
      expect(dropped).toEqual([1]);
    });
    queue.push(2);
    await queue.end(1_000);
    expect(sent).toEqual([2]);
  });

  it("does not wait for a hub that never answers", async () => {
    const queue = createEventQueue<number>({
      ...quick,
      onDropped: vi.fn(),
      send: () => new Promise<void>(() => undefined),
    });
    queue.push(1);
    const before = performance.now();
    await queue.end(50);
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it("holds a bounded number", async () => {
    const dropped: number[] = [];
    const queue = createEventQueue<number>({
      gatherFor: 1,
      mostWaiting: 10,
      onDropped: (count) => dropped.push(count),
      send: () => new Promise<void>(() => undefined),
    });
    for (let item = 0; item < 100; item += 1) queue.push(item);
    await queue.end(10);
    expect(dropped.reduce((sum, count) => sum + count, 0)).toBe(90);
  });
});
