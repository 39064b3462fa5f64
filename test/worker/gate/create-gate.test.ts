import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createDeferred } from "../../../local/deferred.ts";
import { createGate } from "../../../worker/gate/create-gate.ts";

const nothingLeft = () => Promise.resolve();

describe("createGate", () => {
  it("lets through as many as it has slots, and the next as soon as one is free", async () => {
    const gate = createGate({ type: "Count", limit: 2 });
    const ends = [createDeferred(), createDeferred(), createDeferred()];
    const started: number[] = [];
    const passing = ends.map((end, index) =>
      gate.pass(() => {
        started.push(index);
        return end.promise.then(() => nothingLeft);
      }),
    );
    // Whatever could begin by itself has begun.
    await setImmediate();
    expect(started).toEqual([0, 1]);
    ends[1]!.resolve();
    await passing[1];
    await expect.poll(() => started).toEqual([0, 1, 2]);
    ends[0]!.resolve();
    ends[2]!.resolve();
    expect(await gate.drained(1_000)).toBe(true);
    await Promise.all(passing);
  });

  it("does not wait for ever for what is in hand", async () => {
    const gate = createGate({ type: "Count", limit: 1 });
    const end = createDeferred();
    const passing = gate.pass(() => end.promise.then(() => nothingLeft));
    expect(await gate.drained(10)).toBe(false);
    expect(gate.idleFor()).toBe(0);
    end.resolve();
    await passing;
    await expect.poll(() => gate.inFlight).toBe(0);
  });

  it("counts idle time from the end of the last work", async () => {
    let now = 1_000;
    const gate = createGate({ type: "Count", limit: 1 }, () => now);
    now = 5_000;
    const { done } = await gate.pass(() => Promise.resolve(nothingLeft));
    await done;
    await expect.poll(() => gate.inFlight).toBe(0);
    now = 6_500;
    expect(gate.idleFor()).toBe(1_500);
  });

  it("frees the slot before the report, and has the target in hand until it is reported", async () => {
    const gate = createGate({ type: "Count", limit: 1 });
    const reported = createDeferred();
    const { done } = await gate.pass(() => Promise.resolve(() => reported.promise));
    await gate.pass(() => Promise.resolve(nothingLeft));
    expect(await gate.drained(10)).toBe(false);
    reported.resolve();
    await done;
    expect(await gate.drained(1_000)).toBe(true);
  });

  it("holds slots up once too many reports are open", async () => {
    const gate = createGate({ type: "Count", limit: 2 });
    const reported = createDeferred();
    let passed = 0;
    const pass = async (): Promise<void> => {
      await gate.pass(() => Promise.resolve(() => reported.promise));
      passed += 1;
    };
    const passing = Array.from({ length: 20 }, pass);
    await expect.poll(() => passed).toBe(8);
    expect(gate.inFlight).toBe(20);
    reported.resolve();
    await Promise.all(passing);
    expect(await gate.drained(1_000)).toBe(true);
  });

  it("has the slots that the type asks for", () => {
    expect(createGate({ type: "Server", limit: 5 }).slots).toBe(5);
    expect(createGate({ type: "MaxPerServer", limit: 5 }).slots).toBe(64);
  });
});
