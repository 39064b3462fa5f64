import { describe, expect, test } from "vitest";
import { toRunView } from "../../../functions/edge/run-view.ts";
import { emptySummary } from "../../../model/progress.ts";
import type { Run } from "../../../model/run.ts";
import type { TargetState } from "../../../model/target.ts";
import { newRunId, sampleRun, sampleTime } from "../../support/sample-run.ts";

const after = (seconds: number): string => new Date(Date.parse(sampleTime) + seconds * 1_000).toISOString();
const view = (
  more: Partial<Run>,
  counts: Partial<Record<TargetState, number>> = {},
  seconds = 60,
): ReturnType<typeof toRunView> => {
  const run = sampleRun(newRunId(), 100, more);
  const summary = emptySummary(0, 100);
  const others = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return toRunView(
    run,
    [{ ...summary, counts: { ...summary.counts, queued: 100 - others, ...counts } }],
    new Date(after(seconds)),
  );
};

describe("toRunView", () => {
  test("before the counters are there every target is queued", () => {
    const run = sampleRun(newRunId(), 4_500);
    const none = toRunView(run, [], new Date(sampleTime));
    expect(none.targets).toMatchObject({ total: 4_500, queued: 4_500, running: 0, committed: 0 });
    const one = toRunView(run, [emptySummary(1, 1_500)], new Date(sampleTime));
    expect(one.targets).toMatchObject({ total: 4_500, queued: 4_500 });
    expect(one.throughput).toEqual({ finished: 0, targetsPerSecond: 0 });
    expect(one).not.toHaveProperty("etaSeconds");
  });

  test("counts add up to the total", () => {
    const { total, ...counts } = view({ state: "running" }, { committed: 20, running: 5, lost: 1 }).targets;
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(total);
  });

  test("the pace is counted from when workers were launched", () => {
    const running = view({ state: "running", startedAt: after(20) }, { committed: 15, failed: 5 }, 60);
    expect(running).toMatchObject({
      throughput: { finished: 20, targetsPerSecond: 0.5 },
      etaSeconds: 160,
      elapsedSeconds: 60,
      step: { number: 7 },
    });
  });

  test("there is no estimate before the first ended, nor after the last", () => {
    const startedAt = after(20);
    expect(view({ state: "running", startedAt }, { running: 10 })).not.toHaveProperty("etaSeconds");
    expect(view({ state: "running", startedAt }, { committed: 100 })).not.toHaveProperty("etaSeconds");
    const ended = { state: "cancelled", startedAt, endedAt: after(40) } as const;
    expect(view(ended, { committed: 10, cancelled: 90 })).not.toHaveProperty("etaSeconds");
  });

  test("the pace and the time of a run that ended stay", () => {
    const ended = { state: "succeeded", startedAt: after(20), endedAt: after(40) } as const;
    for (const seconds of [50, 5_000]) {
      expect(view(ended, { committed: 100 }, seconds)).toMatchObject({
        throughput: { finished: 100, targetsPerSecond: 5 },
        elapsedSeconds: 40,
      });
    }
  });

  test("a clock that runs behind makes no negative numbers", () => {
    const early = view({ state: "running", startedAt: after(20) }, { committed: 1 }, -30);
    expect(early).toMatchObject({ elapsedSeconds: 0, throughput: { targetsPerSecond: 0 } });
    expect(early).not.toHaveProperty("etaSeconds");
  });

  test("it tells of the workers that were lost", () => {
    expect(view({}).workers).toEqual({ lost: 0, losses: [] });
    const loss = {
      worker: "worker-2",
      reason: "NodePreempted",
      message: "Gone.",
      round: 2,
      seenAt: sampleTime,
    };
    expect(view({ lostWorkers: { counts: [20, 3], losses: [loss] } }).workers).toEqual({
      lost: 23,
      losses: [loss],
    });
  });

  test("it tells of a cancel and of a failure, and where to go on", () => {
    const failure = { code: "ComputeFailed", message: "no quota", help: "ask" } as const;
    const failed = view({ state: "failed", failure, cancelRequestedAt: sampleTime });
    expect(failed).toMatchObject({
      failure,
      cancelRequested: true,
      links: { self: `/api/runs/${failed.id}` },
    });
  });
});
