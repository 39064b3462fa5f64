import { describe, expect, test } from "vitest";
import { planEnd } from "../../activities/finish-run.ts";
import type { FailureReport } from "../../model/failures.ts";
import { addCounts } from "../../model/progress.ts";
import type { FinalRunState } from "../../model/run.ts";
import type { TargetState } from "../../model/target.ts";
import { newRunId, sampleRun, sampleTime } from "../support/sample-run.ts";

const failure: FailureReport = { code: "ComputeFailed", message: "no quota", help: "" };

describe("planEnd", () => {
  test.each<{
    counts: Partial<Record<TargetState, number>>;
    cancelled?: boolean;
    failure?: FailureReport;
    end: FinalRunState;
  }>([
    { counts: { committed: 3 }, end: "succeeded" },
    { counts: { trialRolledBack: 3 }, end: "succeeded" },
    { counts: { committed: 1, alreadyApplied: 2 }, end: "succeeded" },
    { counts: { committed: 2, rolledBack: 1 }, end: "completedWithErrors" },
    { counts: { committed: 2, failed: 1 }, end: "completedWithErrors" },
    { counts: { committed: 2, lost: 1 }, end: "completedWithErrors" },
    { counts: { committed: 2, queued: 1 }, end: "completedWithErrors" },
    { counts: { cancelled: 3 }, cancelled: true, end: "cancelled" },
    { counts: { committed: 2, cancelled: 1 }, cancelled: true, end: "cancelled" },
    { counts: { committed: 2, rolledBack: 1 }, cancelled: true, end: "cancelled" },
    { counts: { committed: 3 }, cancelled: true, end: "succeeded" },
    { counts: { committed: 3 }, failure, end: "failed" },
    { counts: { lost: 3 }, cancelled: true, failure, end: "failed" },
    { counts: {}, end: "completedWithErrors" },
  ])("$counts, cancelled $cancelled, failure $failure.code → $end", ({ counts, cancelled, failure, end }) => {
    const run = sampleRun(newRunId(), 3, cancelled ? { cancelRequestedAt: sampleTime } : {});
    expect(planEnd(run, { ...addCounts([]), ...counts }, failure)).toBe(end);
  });
});
