import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toRunId, toRunSortKey } from "../../model/ids.ts";
import { applyRunEvent, isFinal, RunState, type RunEvent } from "../../model/run.ts";
import { newRunId, sampleRun } from "../support/sample-run.ts";

const at = "2026-01-02T03:04:05.000Z";
const accepted = sampleRun(newRunId(), 1);

const finals = ["succeeded", "completedWithErrors", "failed", "cancelled"] as const;
const arbitraryLosses = fc.array(
  fc.nat(3).map((number) => ({ worker: `worker-${number}`, reason: "NodePreempted", message: "Gone." })),
);
const arbitraryEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc
    .constantFrom(...RunState.exclude([...finals]).options)
    .map((state): RunEvent => ({ type: "reached", state, at })),
  fc.constant<RunEvent>({ type: "cancelRequested", at }),
  fc
    .record({ round: fc.integer({ min: 1, max: 3 }), losses: arbitraryLosses })
    .map((look): RunEvent => ({ type: "workersLost", ...look, at })),
  fc.constantFrom(...finals).map((state): RunEvent => ({ type: "ended", state, at })),
);

describe("applyRunEvent", () => {
  it("never goes back, and keeps a final state", () => {
    fc.assert(
      fc.property(fc.array(arbitraryEvent), (events) => {
        let run = accepted;
        for (const event of events) {
          const next = applyRunEvent(run, event);
          if (isFinal(run.state)) expect(next).toBe(run);
          else
            expect(RunState.options.indexOf(next.state)).toBeGreaterThanOrEqual(
              RunState.options.indexOf(run.state),
            );
          run = next;
        }
      }),
    );
  });

  it("changes nothing when repeated", () => {
    fc.assert(
      fc.property(arbitraryEvent, (event) => {
        const once = applyRunEvent(accepted, event);
        expect(applyRunEvent(once, event)).toBe(once);
      }),
    );
  });

  it("remembers when workers were launched and when a cancel was first asked for", () => {
    const later = "2026-01-02T03:04:06.000Z";
    const running = applyRunEvent(accepted, { type: "reached", state: "running", at });
    const cancelled = applyRunEvent(running, { type: "cancelRequested", at });
    expect(applyRunEvent(cancelled, { type: "cancelRequested", at: later })).toMatchObject({
      startedAt: at,
      cancelRequestedAt: at,
    });
  });
});

describe("toRunSortKey", () => {
  it("sorts the newest run first", () => {
    const times = fc.date({ min: new Date("2020-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(times, times, (one, other) => {
        const [a, b] = [toRunId(one, "000000"), toRunId(other, "000000")];
        expect(Math.sign(toRunSortKey(a).localeCompare(toRunSortKey(b), "en"))).toBe(
          Math.sign(b.localeCompare(a, "en")),
        );
      }),
    );
  });
});
